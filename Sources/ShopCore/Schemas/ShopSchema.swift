/// The tables of each service's database, as SQL scripts that may be run again.
package enum ShopSchema {
    /// The script for a role's database, seeds included.
    ///
    /// A few mutants lack a constraint that would have refused what they do.
    package static func script(for role: ShopRole, mutants: [Mutant] = []) -> String {
        let script = script(for: role)
        return mutants.reduce(script) { $1.schema(role, $0) }
    }

    private static func script(for role: ShopRole) -> String {
        switch role {
        case .gateway: GatewaySchema.script
        case .orders: OrdersSchema.script
        case .inventory: InventorySchema.script
        case .payments: PaymentsSchema.script
        case .processor: ProcessorSchema.script
        }
    }
}
