/// The tables of each service's database, as SQL scripts that may be run again.
package enum ShopSchema {
    /// The script for a database, seeds included.
    ///
    /// A few mutants lack a constraint that would have refused what they do.
    package static func script(for database: ShopDatabase, mutants: [Mutant] = []) -> String {
        let script = script(for: database)
        return mutants.reduce(script) { $1.schema(database, $0) }
    }

    private static func script(for database: ShopDatabase) -> String {
        switch database {
        case .gateway: GatewaySchema.script
        case .orders: OrdersSchema.script + EventOutboxSchema.script
        case .inventory: InventorySchema.script + EventOutboxSchema.script
        case .payments: PaymentsSchema.script + LedgerSchema.script + EventOutboxSchema.script
        case .processor: ProcessorSchema.script
        case .broker: BrokerSchema.script
        case .notifications: ConsumerSchema.script + NotificationsSchema.script
        case .projector: ConsumerSchema.script + ProjectorSchema.script
        case .reconciler: ReconcilerSchema.script
        }
    }
}
