/// The tables of each service's database, as SQL scripts that may be run again.
package enum ShopSchema {
    /// The script for a role's database, seeds included.
    ///
    /// `no-reservation-check` removes the unique constraint of `reservations`; every other mutant
    /// has the correct schema.
    package static func script(for role: ShopRole, mutants: [Mutant] = []) -> String {
        switch role {
        case .gateway: GatewaySchema.script
        case .orders: OrdersSchema.script
        case .inventory:
            InventorySchema.script(isOrderUnique: !mutants.contains(.noReservationCheck))
        case .payments: PaymentsSchema.script
        case .processor: ProcessorSchema.script
        }
    }
}
