/// The services of the shop; one process each.
package enum ShopRole: String, CaseIterable, Sendable {
    case gateway, orders, inventory, payments, processor

    /// The services whose URLs this role needs in its configuration.
    package var peers: [ShopRole] {
        switch self {
        case .gateway: [.orders]
        case .orders: [.inventory, .payments]
        case .payments: [.processor]
        case .inventory, .processor: []
        }
    }
}
