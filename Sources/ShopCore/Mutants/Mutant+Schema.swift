extension Mutant {
    /// A database's schema as this mutant has it: most leave it alone.
    func schema(_ database: ShopDatabase, _ script: String) -> String {
        switch (self, database) {
        case (.noReservationCheck, .inventory):
            script.mutated("UNIQUE INDEX", to: "INDEX")
        case (.oversell, .inventory):
            script.mutated("available int NOT NULL CHECK (available >= 0)", to: "available int")
        case (.checkThenInsert, .orders):
            script.mutated("idempotency_key text NOT NULL UNIQUE", to: "idempotency_key text")
        case (.keyForgottenEarly, .processor):
            script.mutated("idempotency_key text NOT NULL UNIQUE", to: "idempotency_key text")
        default: script
        }
    }
}
