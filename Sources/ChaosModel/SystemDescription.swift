/// The system under test as `system.json` tells it: what can be a target, and how observers reach
/// it.
package struct SystemDescription: Sendable, Equatable {
    package var name: String
    /// The base URL that clients use, such as `http://127.0.0.1:20301`; `nil` before it runs.
    package var gateway: String?
    /// The control API of the proxy that carries the links.
    package var proxyAPI: String?
    package var services: [Service]
    package var links: [Link]
    package var databases: [Database]
    package var mutants: [String] = []
    /// The directory of its logs and state.
    package var directory: String?
    /// The network of its own in which its services are hosts; `nil`: they share this host's.
    package var network: Network?

    package init(name: String, services: [Service], links: [Link], databases: [Database]) {
        self.name = name
        self.services = services
        self.links = links
        self.databases = databases
    }

    package struct Service: Sendable, Equatable {
        package var name: String
        /// What several instances have in common: `payments` of `payments` and `payments-2`.
        package var role: String?
        package var pid: Int32?
        package var url: String?
        /// Where it is in the system's own network; `nil` when the system has none.
        package var namespace: String?
        package var address: String?
        package var interface: String?

        package init(name: String, pid: Int32? = nil, url: String? = nil) {
            self.name = name
            self.pid = pid
            self.url = url
        }
    }

    /// A switch that joins the services' network namespaces.
    package struct Network: Sendable, Equatable {
        /// The namespace (ip-netns(8)) with the bridge.
        package var switchNamespace: String
        package var bridge: String
        /// The address under which services reach this host, and its proxy.
        package var hostAddress: String?

        package init(switchNamespace: String, bridge: String, hostAddress: String? = nil) {
            self.switchNamespace = switchNamespace
            self.bridge = bridge
            self.hostAddress = hostAddress
        }
    }

    /// A connection between two parties that passes through the proxy: `payments->payments-db`.
    package struct Link: Sendable, Equatable {
        package enum WireProtocol: String, Sendable { case tcp, http, postgres }
        package var name: String
        package var wireProtocol: WireProtocol
        package var listen: String?
        package var upstream: String?

        package init(
            name: String,
            wireProtocol: WireProtocol,
            listen: String? = nil,
            upstream: String? = nil
        ) {
            self.name = name
            self.wireProtocol = wireProtocol
            self.listen = listen
            self.upstream = upstream
        }
    }

    /// A service's database, reached directly (never through the proxy) by observers.
    package struct Database: Sendable, Equatable {
        package var service: String
        /// A libpq connection string over a Unix socket.
        package var observer: String?
        /// Its server's first process.
        package var pid: Int32?

        package init(service: String, observer: String? = nil, pid: Int32? = nil) {
            self.service = service
            self.observer = observer
            self.pid = pid
        }
    }
}
