import CLinux
package import EventLoop
import HTTP

/// What `chaos proxy serve` is told.
package struct ProxyServerOptions: Sendable {
    /// Where the API listens: a name or an IP address; default `127.0.0.1`.
    package var host = "127.0.0.1"
    /// Where the API listens; 0 takes a free port; default 8474, which Toxiproxy's clients expect.
    package var port: UInt16 = 8_474
    /// The proxies to begin with.
    package var configuration: ProxyConfiguration?
    /// Decides toxicity, jitter and `percent`; `nil`: a random one.
    package var seed: UInt64?
    /// How long a server may take to accept a connection; then the client is reset.
    package var dialTimeout = Duration.seconds(10)
    /// The threads that carry bytes, 1 … 16; `nil`: one per processor.
    package var loopCount: Int?
    /// What it needs to leave a stand-in behind (`on_death: passthrough`); `nil`: it cannot.
    package var standIn: StandInSettings?

    package init() {}
}

/// A running proxy: its data loops on threads of their own, its API on the loop of the caller.
package final class ProxyServer: Sendable {
    /// Where the API really listens.
    package let address: SocketAddress
    package let seed: UInt64
    let control: ProxyControl
    private let http: HTTPServer

    /// Starts the API and the configured proxies; must be called on a loop.
    ///
    /// - Throws: `ProxyServerError` when an address cannot be had; nothing runs then.
    package static func start(_ options: ProxyServerOptions) async throws -> ProxyServer {
        guard let loop = Loop.current else {
            preconditionFailure("ProxyServer.start must be called on a loop, not beside one")
        }
        // Two descriptors for each connection; when it is refused, the old limit stays.
        _ = clinux_raise_open_files()
        let seed = options.seed ?? UInt64.random(in: .min ... .max)
        let data = try DataPlane(loopCount: options.loopCount, dialTimeout: options.dialTimeout)
        let control = ProxyControl(
            loop: loop,
            data: data,
            seed: seed,
            standIn: options.standIn
        )
        do {
            let host = options.host.contains(":") ? "[\(options.host)]" : options.host
            let found = await ListenAddresses.resolve(["\(host):\(options.port)"], data)
            let address = try await found.address(of: "\(host):\(options.port)", data).get()
            let api = ControlAPI(control: control)
            let http = try await HTTPServer.start(on: address) { request in
                await api.answer(request)
            }
            let server = ProxyServer(http: http, seed: seed, control: control)
            try await server.populate(options.configuration)
            return server
        } catch {
            await control.shutdown()
            throw ProxyServer.explained(error, "\(options.host):\(options.port)")
        }
    }

    private init(http: HTTPServer, seed: UInt64, control: ProxyControl) {
        self.http = http
        self.seed = seed
        self.control = control
        address = http.address
    }

    /// The proxies that run, each as `name listen upstream`.
    package func proxies() async -> [(name: String, listen: String, upstream: String)] {
        await control.list().map { ($0.name, $0.listen, $0.upstream) }
    }

    /// Answers what is under way, then closes the API, every proxy and every connection.
    package func shutdown() async {
        control.data.events.close()
        await http.shutdown(grace: .milliseconds(500))
        await control.shutdown()
    }

    private func populate(_ configuration: ProxyConfiguration?) async throws {
        guard let configuration else { return }
        let (_, error) = await control.populate(configuration.proxies)
        guard let error else { return }
        await http.shutdown(grace: .zero)
        throw ProxyServerError(
            "\(error.message). Choose another listen address in the configuration file."
        )
    }

    private static func explained(_ error: any Error, _ address: String) -> ProxyServerError {
        if let error = error as? ProxyServerError { return error }
        if let error = error as? ControlError {
            return ProxyServerError("\(error.message). Check --host and --port.")
        }
        return ProxyServerError(
            "The API at \(address) cannot start: \(error) --port 0 picks a free one."
        )
    }
}
