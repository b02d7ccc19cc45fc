/// The services of the shop; each instance of one is a process.
///
/// A new role is a case here, a row of its facts below, and a line where `shop` starts it.
package enum ShopRole: String, CaseIterable, Sendable {
    case gateway, orders, inventory, payments, processor
    case ordersRelay = "orders-relay"
    case inventoryRelay = "inventory-relay"
    case paymentsRelay = "payments-relay"
    case notifications, projector, reconciler

    /// What is known of a role; everything that treats roles alike reads it here.
    package struct Facts: Sendable {
        /// What it does, as `shop --help` says it.
        package var summary: String
        /// The services whose URLs this role needs in its configuration.
        package var peers: [ShopRole] = []
        /// The databases that it connects to, its own first.
        package var databases: [ShopDatabase]
        /// Whether it belongs to the event side, without which orders come to their end as well.
        package var isOfEvents = false
    }

    package var facts: Facts {
        switch self {
        case .gateway:
            Facts(
                summary: "The door: validates, limits, forwards to orders",
                peers: [.orders, .projector],
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
        case .ordersRelay, .inventoryRelay, .paymentsRelay, .notifications, .projector, .reconciler:
            eventFacts
        }
    }

    private var eventFacts: Facts {
        func relay(_ database: ShopDatabase) -> Facts {
            Facts(
                summary: "Carries the events of \(database) to the broker",
                databases: [database, .broker],
                isOfEvents: true
            )
        }
        return switch self {
        case .inventoryRelay: relay(.inventory)
        case .paymentsRelay: relay(.payments)
        case .notifications:
            Facts(
                summary: "Tells each customer once how an order ended",
                databases: [.notifications, .broker],
                isOfEvents: true
            )
        case .projector:
            Facts(
                summary: "The read model: histories, customers' totals, the dashboard",
                databases: [.projector, .broker],
                isOfEvents: true
            )
        case .reconciler:
            Facts(
                summary: "Finds what services tell differently of an order, mends what it may",
                peers: [.orders, .inventory, .payments, .processor, .projector],
                databases: [.reconciler],
                isOfEvents: true
            )
        default: relay(.orders)
        }
    }

    package var peers: [ShopRole] { facts.peers }
    package var databases: [ShopDatabase] { facts.databases }
    package var isOfEvents: Bool { facts.isOfEvents }

    /// How many calls lie between this role and the last one behind it: callers stop first.
    package var depth: Int { (peers.map(\.depth).max() ?? -1) + 1 }
}

/// The databases of the shop; each service's own, and nobody else's.
package enum ShopDatabase: String, CaseIterable, Sendable {
    case gateway, orders, inventory, payments, processor
    case broker, notifications, projector, reconciler

    /// The name in links: `orders-db`.
    package var name: String { rawValue + "-db" }

    /// The database after which the server is named that holds this one.
    ///
    /// The event side's four databases share a server, so that it starts soon and idles cheaply.
    package var server: ShopDatabase { isOfEvents ? .broker : self }

    /// Whether only the event side needs it.
    package var isOfEvents: Bool {
        [.broker, .notifications, .projector, .reconciler].contains(self)
    }

    /// The script that makes its tables; may run again.
    ///
    /// With `hasEvents` the services' databases note what happens for the relays; without, they
    /// cease to, should they have done so before.
    package func script(mutants: [Mutant] = [], hasEvents: Bool = false) -> String {
        ShopSchema.script(for: self, mutants: mutants)
            + (hasEvents
                ? EventOutboxSchema.triggers(for: self, mutants: mutants)
                : EventOutboxSchema.withoutTriggers(for: self))
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
