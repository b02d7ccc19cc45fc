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
        case (.voidForgotten, .payments):
            script.mutated("NEW.state = 'failed' AND TG_OP = 'UPDATE'", to: "false")
        case (.outboxByID, .orders), (.outboxByID, .inventory), (.outboxByID, .payments):
            script.mutated(EventOutboxSchema.orderedID, to: "gen_random_uuid()")
        default: script
        }
    }

    /// The triggers that write events, as this mutant has them.
    func triggers(_ database: ShopDatabase, _ script: String) -> String {
        let all = "ON order_history\n    FOR EACH ROW"
        func without(_ state: String) -> String {
            script.mutated(all, to: "\(all) WHEN (NEW.state <> '\(state)')")
        }
        return switch (self, database) {
        case (.eventAfterCommit, .orders): without("confirmed")
        case (.eventBeforeCommit, .orders): without("pending")
        default: script
        }
    }
}
