import ChaosModel
import JSON
import LinuxSystem
import NFTables
import Netlink
import Postgres
import PostgresServer
import RunnerFixtures
import Testing

@testable import ChaosRunner

// What is hit in a network namespace of its own, or in a server of the tests' own.
extension CrashSubject {
    /// Holds what passes the loopback interface of a namespace of its own.
    static func queue() throws -> CrashSubject {
        let name = "chaos-crash-\(UInt32.random(in: 0 ... .max))"
        let namespace = try #require(NetworkNamespace(named: name))
        try namespace.create()
        var specification = FaultSpecification(
            "netem",
            "delay",
            ["delay": 100, "backend": "nfqueue"]
        )
        specification.target = .interface("lo", namespace: name)
        return CrashSubject(
            specification: specification,
            isClean: { try NFTablesConnection(in: namespace).tables().isEmpty },
            diesWithRunner: true,
            stop: { try namespace.remove() }
        )
    }

    /// Cuts a namespace of its own from an address of the documentation.
    static func partition() throws -> CrashSubject {
        let name = "chaos-crash-\(UInt32.random(in: 0 ... .max))"
        let namespace = try #require(NetworkNamespace(named: name))
        try namespace.create()
        return CrashSubject(
            specification: partition(in: name),
            isClean: { try NFTablesConnection(in: namespace).tables().isEmpty },
            stop: { try namespace.remove() }
        )
    }

    /// Nothing that comes from an address of the documentation reaches a namespace.
    static func partition(in namespace: String) -> FaultSpecification {
        FaultSpecification(
            "partition",
            "host",
            [
                "namespace": .string(namespace), "peers": ["192.0.2.1"], "direction": "in",
                "ports": [], "protocol": "any", "loss": 1, "reject": false,
            ]
        )
    }

    /// Delays what leaves, or what reaches, the loopback interface of a namespace of its own.
    static func discipline(_ isIngress: Bool) throws -> CrashSubject {
        let name = "chaos-crash-\(UInt32.random(in: 0 ... .max))"
        let namespace = try #require(NetworkNamespace(named: name))
        try namespace.create()
        let opened = try OpenNamespace(named: name)
        let clean = try trafficControl(opened)
        var specification = FaultSpecification(
            "netem",
            "delay",
            [
                "delay": 100, "backend": "netem",
                "direction": isIngress ? "ingress" : "egress",
            ]
        )
        specification.target = .interface("lo", namespace: name)
        return CrashSubject(
            specification: specification,
            isClean: { try trafficControl(opened) == clean },
            stop: { try namespace.remove() }
        )
    }

    /// The interfaces and disciplines of a namespace.
    private static func trafficControl(_ namespace: OpenNamespace) throws -> [String] {
        let socket = try RouteSocket.open(in: namespace)
        let links = try socket.links().map(\.name)
        return try links + socket.qdiscs(of: nil).map { "\($0.kind) \($0.handle) \($0.parent)" }
    }

    /// Holds ten connections of a PostgreSQL server; seen from a connection that stays.
    static func connections() async throws -> CrashSubject {
        let database = try await SharedCluster.instance().database()
        let observer = try await PostgresConnection.connect(database.socketConninfo)
        let limit = try await observer.query("SHOW max_connections")[0].int("max_connections")
        var specification = FaultSpecification(
            "resource",
            "connections",
            ["leave": .integer(limit - 10), "evict": false]
        )
        specification.target = .service("orders")
        specification.system = SystemDescription(
            name: "server",
            services: [.init(name: "orders")],
            links: [],
            databases: [.init(service: "orders", observer: database.socketConninfo)]
        )
        return CrashSubject(
            specification: specification,
            isClean: {
                let rows = try await observer.query(
                    "SELECT count(*) AS held FROM pg_stat_activity"
                        + " WHERE application_name LIKE 'chaos-%'"
                )
                return try rows[0].int("held") == 0
            },
            diesWithRunner: true,
            stop: { observer.close() }
        )
    }
}
