import JSON
import Testing

@testable import ShopCore

struct ConfigurationTests {
    @Test func `a configuration survives its own JSON`() throws {
        let configuration = ShopServiceConfiguration(
            role: .orders,
            name: "orders-2",
            listen: "127.0.0.1:0",
            database: "host=/tmp dbname=orders",
            peers: [
                .inventory: ["http://127.0.0.1:1"],
                .payments: ["http://127.0.0.1:2", "http://127.0.0.1:3"],
            ],
            mutants: [.retryWithoutKey],
            log: "/tmp/orders.log",
            pool: 4,
            drainMilliseconds: 100
        )
        let text = configuration.json.serialized()
        #expect(try ShopServiceConfiguration(json: JSONValue.parse(text)) == configuration)
    }

    @Test func `every mistake of a configuration is told`() {
        let json: JSONValue = [
            "role": "orders", "listen": 5, "peers": ["inventory": "tcp://x"],
            "mutants": ["nonsense"], "pool": 0, "colour": "red",
        ]
        let error = #expect(throws: ConfigurationError.self) {
            try ShopServiceConfiguration(json: json)
        }
        #expect(
            error?.problems.map { String($0.prefix { $0 != ":" }) }
                == [
                    "listen", "database", "peers.inventory", "peers.inventory", "peers.payments",
                    "mutants", "pool", "colour",
                ]
        )
    }

    @Test func `each mutant is registered once, with its story and experiment`() {
        #expect(Set(Mutant.all.map(\.name)).count == Mutant.all.count)
        for mutant in Mutant.all {
            #expect(Mutant(named: mutant.name) == mutant)
            #expect(mutant.story.hasSuffix("."))
            #expect(mutant.exposedBy.hasPrefix("mutants/") && mutant.exposedBy.hasSuffix(".json"))
        }
        #expect(Mutant(named: "nonsense") == nil)
    }

    @Test func `only the mutant's schema lacks the constraint on reservations`() {
        let correct = ShopSchema.script(for: .inventory)
        let broken = ShopSchema.script(for: .inventory, mutants: [.noReservationCheck])
        #expect(correct.contains("CREATE UNIQUE INDEX IF NOT EXISTS reservations_order"))
        #expect(!broken.contains("CREATE UNIQUE INDEX"))
    }

    @Test func `five mutants lack a constraint of one database each, and one has other ids`() {
        let changed = Mutant.all.flatMap { mutant in
            ShopDatabase.allCases.filter {
                ShopSchema.script(for: $0, mutants: [mutant]) != ShopSchema.script(for: $0)
            }.map { "\(mutant.name) \($0)" }
        }
        #expect(
            changed == [
                "no-reservation-check inventory", "key-forgotten-early processor",
                "check-then-insert orders", "oversell inventory", "outbox-by-id orders",
                "outbox-by-id inventory", "outbox-by-id payments", "void-forgotten payments",
            ]
        )
    }
}
