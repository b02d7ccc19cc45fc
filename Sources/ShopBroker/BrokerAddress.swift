import EventLoop
package import RabbitMQ
package import ShopCore

/// Which broker a service uses and where it is: the text in its configuration.
///
/// A connection string of libpq's, or `amqp://user:password@host:port,host:port/name` for RabbitMQ,
/// one server or the nodes of a cluster; `name` begins the names of exchanges and queues.
package enum BrokerAddress: Sendable, Equatable {
    case postgres(conninfo: String)
    case rabbit([RabbitEndpoint], name: String)

    private static let scheme = "amqp://"

    /// Reads an address; `nil` for one that begins as RabbitMQ's and is none.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.scheme) else {
            self = .postgres(conninfo: text)
            return
        }
        let rest = text.dropFirst(Self.scheme.count)
        let parts = rest.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let account = parts[0].split(separator: ":", omittingEmptySubsequences: false)
        let place = parts[1].split(separator: "/", omittingEmptySubsequences: false)
        guard account.count == 2, place.count == 2, !place[1].isEmpty else { return nil }
        var endpoints: [RabbitEndpoint] = []
        for address in place[0].split(separator: ",", omittingEmptySubsequences: false) {
            guard case .ipv4(let host, let port)? = try? SocketAddress(parsing: String(address))
            else { return nil }
            endpoints.append(
                RabbitEndpoint(
                    host: host,
                    port: port,
                    user: String(account[0]),
                    password: String(account[1])
                )
            )
        }
        self = .rabbit(endpoints, name: String(place[1]))
    }

    package var text: String {
        switch self {
        case .postgres(let conninfo): return conninfo
        case .rabbit(let endpoints, let name):
            let account = endpoints.first.map { "\($0.user):\($0.password)@" } ?? ""
            return Self.scheme + account + endpoints.map(\.address).joined(separator: ",")
                + "/\(name)"
        }
    }

    /// The broker at an address, with the shop's topics; opens nothing yet; on a loop.
    ///
    /// What mutants do wrong they do with the log in PostgreSQL.
    ///
    /// Throws `BrokerError.refused` for what is no address.
    package static func broker(
        at text: String?,
        connectionsMax: Int = 2,
        mutants: [Mutant] = []
    ) throws -> any Broker {
        switch BrokerAddress(text ?? "") {
        case .postgres(let conninfo)?:
            return PostgresBroker(
                conninfo,
                connectionsMax: connectionsMax,
                mutants: mutants
            )
        case .rabbit(let endpoints, let name)?:
            return RabbitBroker(endpoints, topology: .shop(name: name))
        case nil:
            throw BrokerError.refused(
                "\"broker\" is no address. Use amqp://user:password@host:port/name, or a "
                    + "connection string of PostgreSQL's."
            )
        }
    }
}

extension RabbitTopology {
    /// The shop's topics, and who reads which: as broker-db has them.
    package static func shop(name: String = "shop") -> RabbitTopology {
        RabbitTopology(
            name: name,
            topics: ["orders": 2, "inventory": 2, "payments": 2],
            groups: [
                "notifications": ["orders"],
                "projector": ["orders", "inventory", "payments"],
            ]
        )
    }
}
