/// The services of the shop; each instance of one is a process.
///
/// A new role is a case here, a row of its facts below, and a line where `shop` starts it.
package enum ShopRole: String, CaseIterable, Sendable {
    case gateway, orders, inventory, payments, processor

    /// What is known of a role; everything that treats roles alike reads it here.
    package struct Facts: Sendable {
        /// What it does, as `shop --help` says it.
        package var summary: String
        /// The services whose URLs this role needs in its configuration.
        package var peers: [ShopRole] = []
        /// The databases that it connects to, its own first.
        package var databases: [ShopDatabase]
    }

    package var facts: Facts {
        switch self {
        case .gateway:
            Facts(
                summary: "The door: validates, limits, forwards to orders",
                peers: [.orders],
                databases: [.gateway]
            )
        case .orders:
            Facts(
                summary: "Takes orders and carries each through its saga",
                peers: [.inventory, .payments],
                databases: [.orders]
            )
        case .inventory:
            Facts(summary: "Holds, sells and gives back stock", databases: [.inventory])
        case .payments:
            Facts(
                summary: "Charges each idempotency key at most once",
                peers: [.processor],
                databases: [.payments]
            )
        case .processor:
            Facts(
                summary: "The outside card processor with its own ledger",
                databases: [.processor]
            )
        }
    }

    package var peers: [ShopRole] { facts.peers }
    package var databases: [ShopDatabase] { facts.databases }

    /// How many calls lie between this role and the last one behind it: callers stop first.
    package var depth: Int { (peers.map(\.depth).max() ?? -1) + 1 }
}

/// The databases of the shop; each is a PostgreSQL server of its own.
package enum ShopDatabase: String, CaseIterable, Sendable {
    case gateway, orders, inventory, payments, processor

    /// The server's name: `orders-db`.
    package var name: String { rawValue + "-db" }

    /// The script that makes its tables; may run again.
    package func script(mutants: [Mutant] = []) -> String {
        // A database that belongs to no role answers here for itself.
        ShopRole(rawValue: rawValue).map { ShopSchema.script(for: $0, mutants: mutants) } ?? ""
    }
}

/// One process of a role: `payments` is the first, `payments-2` the second.
package struct ShopInstance: Hashable, Sendable {
    /// The most instances of one role.
    package static let numberMax = 9

    package var role: ShopRole
    /// 1…9.
    package var number: Int

    package init(_ role: ShopRole, number: Int = 1) {
        precondition((1...Self.numberMax).contains(number), "instances are numbered from 1")
        self.role = role
        self.number = number
    }

    /// The name in links, logs and system.json; the first has the role's own.
    package var name: String { number == 1 ? role.rawValue : "\(role.rawValue)-\(number)" }
}
