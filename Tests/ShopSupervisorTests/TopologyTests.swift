import ChaosModel
import JSON
import ShopCore
import Testing

@testable import ShopSupervisor

@Suite struct TopologyTests {
    @Test func `every link has the name that experiments use`() {
        #expect(
            ShopTopology.links.map(\.name) == [
                "client->gateway", "gateway->orders", "orders->inventory", "orders->payments",
                "payments->processor", "gateway->gateway-db", "orders->orders-db",
                "inventory->inventory-db", "payments->payments-db", "processor->processor-db",
            ]
        )
    }

    @Test func `the static description knows names and no ports`() {
        let system = ShopTopology.description()
        #expect(system.name == "shop")
        #expect(system.services.map(\.name) == ShopRole.allCases.map(\.rawValue))
        #expect(system.links.allSatisfy { $0.listen == nil && $0.upstream == nil })
        #expect(system.links.filter { $0.wireProtocol == .postgres }.count == 5)
        #expect(system.databases.count == 5)
    }

    @Test func `each party gets a port of its own`() {
        let ports = PortAssignment((0..<UInt16(PortAssignment.count)).map { 20_000 + $0 })
        let all = [ports.api] + ports.services.values + ports.links.values
        #expect(Set(all).count == PortAssignment.count)
        #expect(all.allSatisfy { $0 < 32_768 })
    }

    @Test func `services reach peers and databases through the proxy only`() throws {
        let configurations = try example()
        let orders = configurations.service(.orders)
        let proxy = try #require(configurations.proxy.arrayValue)
        func listen(_ name: String) -> String? {
            proxy.first { $0["name"]?.stringValue == name }?["listen"]?.stringValue
        }
        #expect(orders.peers[.payments] == listen("orders->payments").map { "http://\($0)" })
        #expect(orders.database.contains("port=\(configurations.ports.databasePort(of: .orders))"))
        let link = proxy.first { $0["name"] == "payments->payments-db" }
        #expect(link?["upstream"] == "127.0.0.1:25003")
        #expect(link?["protocol"] == "postgres")
        #expect(proxy.count == ShopTopology.links.count)
    }

    @Test func `the description names ports, pids and observers, but no password`() throws {
        let system = try example().description(pids: ["orders": 42])
        #expect(system.services.first { $0.name == "orders" }?.pid == 42)
        #expect(system.gateway?.hasPrefix("http://127.0.0.1:") == true)
        #expect(system.links.allSatisfy { $0.listen != nil && $0.upstream != nil })
        #expect(!system.json.serialized().contains("secret"))
        #expect(try SystemDescription(json: system.json) == system)
    }

    @Test func `in a network of its own a service reaches its peers by wire`() throws {
        let network = ShopNetwork(prefix: "chaos-shop-4711", number: 7)
        let configurations = try example(network: network)
        let orders = configurations.service(.orders)
        #expect(orders.listen.hasPrefix("10.213.7.12:"))
        let payments = "http://\(configurations.ports.address(of: .payments))"
        #expect(orders.peers[.payments] == payments)
        #expect(payments.hasPrefix("http://10.213.7.14:"))
        let proxy = try #require(configurations.proxy.arrayValue)
        #expect(
            proxy.compactMap { $0["name"]?.stringValue } == [
                "client->gateway", "gateway->gateway-db", "orders->orders-db",
                "inventory->inventory-db", "payments->payments-db", "processor->processor-db",
            ]
        )
        let link = proxy.first { $0["name"] == "orders->orders-db" }
        #expect(link?["listen"]?.stringValue?.hasPrefix("10.213.7.1:") == true)
        #expect(link?["upstream"] == "127.0.0.1:25001")
    }

    @Test func `the description tells each service's namespace, address and interface`() throws {
        let network = ShopNetwork(prefix: "chaos-shop-4711", number: 7)
        let system = try example(network: network).description(pids: [:])
        #expect(system.network?.switchNamespace == "chaos-shop-4711-switch")
        #expect(system.network?.hostAddress == "10.213.7.1")
        let payments = try #require(system.services.first { $0.name == "payments" })
        #expect(payments.namespace == "chaos-shop-4711-payments")
        #expect(payments.address == "10.213.7.14")
        #expect(payments.interface == "eth0")
        #expect(try SystemDescription(json: system.json) == system)
    }

    @Test(arguments: ["shop", "a", "a-b-9", String(repeating: "x", count: 32)])
    func `a plain word is a shop's name`(name: String) throws {
        let places = try ShopPlaces(name: name, shops: "/s")
        #expect(places.directory == "/s/\(name)")
    }

    @Test(arguments: ["", ".", "..", "a/b", "-x", "A", "ü", String(repeating: "x", count: 33)])
    func `anything else is not a shop's name`(name: String) {
        #expect(throws: ShopError.self) { try ShopPlaces(name: name, shops: "/s") }
    }

    private func example(network: ShopNetwork? = nil) throws -> ShopConfigurations {
        let ports = PortAssignment(
            (0..<UInt16(PortAssignment.count)).map { 20_000 + $0 },
            network: network
        )
        var databases: [ShopRole: ShopConfigurations.Database] = [:]
        for (index, role) in ShopRole.allCases.enumerated() {
            databases[role] = ShopConfigurations.Database(
                port: 25_000 + UInt16(index),
                service: "port=\(ports.databasePort(of: role)) password=secret",
                observer: "host=/s/\(role)"
            )
        }
        return ShopConfigurations(
            name: "shop",
            places: try ShopPlaces(name: "shop", shops: "/s"),
            ports: ports,
            databases: databases,
            mutants: []
        )
    }
}
