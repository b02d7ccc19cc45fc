import ChaosModel
import JSON
import LinuxSystem
import RabbitMQ
import ShopBroker
import ShopCore
import Testing

@testable import ShopSupervisor

extension ShopFleet {
    fileprivate var names: [String] { links.map(\.name) }
}

@Suite struct TopologyTests {
    @Test func `every link has the name that experiments use`() {
        #expect(
            ShopFleet(hasEvents: false).links.map(\.name) == [
                "client->gateway", "gateway->orders", "orders->inventory", "orders->payments",
                "payments->processor", "gateway->gateway-db", "orders->orders-db",
                "inventory->inventory-db", "payments->payments-db", "processor->processor-db",
            ]
        )
        #expect(
            ShopFleet().links.map(\.name).filter { !ShopFleet(hasEvents: false).names.contains($0) }
                == [
                    "gateway->projector", "reconciler->orders", "reconciler->inventory",
                    "reconciler->payments", "reconciler->processor", "reconciler->projector",
                    "orders-relay->orders-db", "orders-relay->broker-db",
                    "inventory-relay->inventory-db", "inventory-relay->broker-db",
                    "payments-relay->payments-db", "payments-relay->broker-db",
                    "notifications->notifications-db", "notifications->broker-db",
                    "projector->projector-db", "projector->broker-db",
                    "reconciler->reconciler-db",
                ]
        )
    }

    @Test func `the static description knows names and no ports`() {
        let system = ShopTopology.description()
        #expect(system.name == "shop")
        #expect(system.services.map(\.name) == ShopRole.allCases.map(\.rawValue))
        #expect(system.links.allSatisfy { $0.listen == nil && $0.upstream == nil })
        #expect(system.links.filter { $0.wireProtocol == .postgres }.count == 16)
        #expect(system.databases.count == 9)
    }

    @Test func `each party gets a port of its own`() {
        let ports = PortAssignment((0..<Self.count).map { 20_000 + $0 })
        let all = [ports.api] + ports.services.values + ports.links.values
        #expect(Set(all).count == Int(Self.count))
        #expect(all.allSatisfy { $0 < 32_768 })
    }

    @Test func `services reach peers and databases through the proxy only`() throws {
        let configurations = try example()
        let orders = configurations.service(ShopInstance(.orders))
        let proxy = try #require(configurations.proxy.arrayValue)
        func listen(_ name: String) -> String? {
            proxy.first { $0["name"]?.stringValue == name }?["listen"]?.stringValue
        }
        #expect(orders.peers[.payments] == listen("orders->payments").map { ["http://\($0)"] })
        #expect(
            orders.database.contains(
                "port=\(configurations.ports.port(from: ShopInstance(.orders), to: .orders)) "
            )
        )
        let link = proxy.first { $0["name"] == "payments->payments-db" }
        #expect(link?["upstream"] == "127.0.0.1:25003")
        #expect(link?["protocol"] == "postgres")
        #expect(proxy.count == ShopFleet().links.count)
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
        let configurations = try example(
            fleet: ShopFleet(hasEvents: false),
            network: network
        )
        let orders = configurations.service(ShopInstance(.orders))
        #expect(orders.listen.hasPrefix("10.213.7.12:"))
        let payments = "http://\(configurations.ports.address(of: ShopInstance(.payments)))"
        #expect(orders.peers[.payments] == [payments])
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

    @Test func `each instance has its own process, and each pair its own link`() throws {
        let fleet = ShopFleet(replicas: [.orders: 2, .payments: 2], hasEvents: false)
        let names = fleet.instances.map(\.name)
        #expect(
            names == [
                "gateway", "orders", "orders-2", "inventory", "payments", "payments-2",
                "processor",
            ]
        )
        let links = fleet.links.map(\.name)
        #expect(Set(links).count == links.count)
        for link in [
            "client->gateway", "gateway->orders", "gateway->orders-2", "orders->payments",
            "orders->payments-2", "orders-2->payments", "orders-2->payments-2",
            "payments-2->processor", "payments-2->payments-db", "orders-2->orders-db",
        ] {
            #expect(links.contains(link), "\(link)")
        }
        let configurations = try example(fleet: fleet)
        let second = configurations.service(ShopInstance(.orders, number: 2))
        #expect(second.name == "orders-2")
        #expect(second.log?.hasSuffix("/orders-2.log") == true)
        #expect(second.peers[.payments]?.count == 2)
        #expect(second.peers[.inventory]?.count == 1)
        let system = configurations.description(pids: ["payments-2": 7])
        let payments = system.services.filter { $0.role == "payments" }
        #expect(payments.map(\.name) == ["payments", "payments-2"])
        #expect(payments.map(\.pid) == [nil, 7])
        #expect(Set(payments.map(\.url)).count == 2)
    }

    @Test func `with RabbitMQ each of the event side has a link to each server of it`() throws {
        let fleet = ShopFleet(broker: .rabbit(nodes: 3))
        let links = fleet.links.map(\.name)
        for source in ["orders-relay", "notifications", "projector"] {
            #expect(!links.contains("\(source)->broker-db"))
            for node in 1...3 { #expect(links.contains("\(source)->rabbit-\(node)")) }
        }
        let configurations = try example(fleet: fleet)
        let broker = configurations.service(ShopInstance(.projector)).broker
        guard case .rabbit(let endpoints, "shop")? = broker.flatMap(BrokerAddress.init) else {
            Issue.record("\(broker ?? "none")")
            return
        }
        // Through the proxy, not at the servers themselves.
        #expect(endpoints.map(\.port).allSatisfy { (20_000..<25_000).contains($0) })
        let system = configurations.description(pids: ["rabbit-2": 9])
        let nodes = system.services.filter { $0.role == "rabbit" }
        #expect(nodes.map(\.name) == ["rabbit-1", "rabbit-2", "rabbit-3"])
        #expect(nodes.map(\.pid) == [nil, 9, nil])
        let link = system.links.first { $0.name == "projector->rabbit-2" }
        #expect(link?.upstream == "127.0.0.1:26002")
        #expect(link?.wireProtocol == .tcp)
    }

    @Test(arguments: BrokerChoice.texts)
    func `a broker's name is read as it is written`(text: String) throws {
        #expect(try #require(BrokerChoice(text)).text == text)
        #expect(BrokerChoice(text + ":2") == nil)
    }

    @Test func `in a network of its own each instance is a host`() throws {
        let fleet = ShopFleet(replicas: [.payments: 2])
        let network = ShopNetwork(prefix: "chaos-shop-4711", number: 7, fleet: fleet)
        let addresses = fleet.instances.map(network.address(of:))
        #expect(Set(addresses).count == fleet.instances.count)
        let second = ShopInstance(.payments, number: 2)
        #expect(network.namespace(of: second).name == "chaos-shop-4711-payments-2")
    }

    @Test func `callers stop before those whom they call`() {
        for role in ShopRole.allCases {
            #expect(role.peers.allSatisfy { $0.depth < role.depth })
        }
    }

    private static let count = UInt16(PortAssignment.count(ShopFleet()))

    private func example(
        fleet: ShopFleet = ShopFleet(),
        network: ShopNetwork? = nil
    ) throws -> ShopConfigurations {
        let ports = PortAssignment(
            (0..<UInt16(PortAssignment.count(fleet))).map { 20_000 + $0 },
            fleet: fleet,
            network: network
        )
        var databases: [ShopDatabase: ShopConfigurations.Database] = [:]
        for (index, database) in ShopDatabase.allCases.enumerated() {
            databases[database] = ShopConfigurations.Database(
                port: 25_000 + UInt16(index),
                service: { "port=\($0) password=secret" },
                observer: "host=/s/\(database)"
            )
        }
        return ShopConfigurations(
            name: "shop",
            places: try ShopPlaces(name: "shop", shops: "/s"),
            ports: ports,
            databases: databases,
            rabbit: fleet.rabbitNodes.map {
                RabbitEndpoint(
                    host: "127.0.0.1",
                    port: 26_000 + UInt16($0),
                    user: "u",
                    password: "secret"
                )
            },
            mutants: []
        )
    }
}
