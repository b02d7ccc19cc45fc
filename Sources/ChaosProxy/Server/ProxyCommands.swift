import ChaosModel
import EventLoop
import Glibc

/// What `chaos proxy run` is told: one proxy without a configuration file.
package struct ProxyRunOptions: Sendable {
    /// Where clients connect: `127.0.0.1:6432`, `:6432` (this machine alone), `0.0.0.0:6432`.
    package var listen: String
    /// Where the server is: `127.0.0.1:5432`.
    package var upstream: String
    /// `tcp`, `http` or `postgres`.
    package var wireProtocol = "tcp"
    /// Toxics as `latency:latency=100ms,jitter=20ms`, each at work from the start.
    package var toxics: [String] = []
    /// The rest of what a server is told; the API listens as well.
    package var server = ProxyServerOptions()

    package init(listen: String, upstream: String) {
        self.listen = listen
        self.upstream = upstream
    }
}

/// The long-running commands of `chaos proxy`; both end by SIGINT or SIGTERM and leave nothing
/// behind.
package enum ProxyCommands {
    /// Serves the API until a signal comes; must be called on a loop.
    ///
    /// - Parameters:
    ///   - options: What to serve.
    ///   - ready: Is called when every proxy listens; what it throws ends the server.
    /// - Throws: `ProxyServerError`.
    /// - Returns: The signal that ended it.
    package static func serve(
        _ options: ProxyServerOptions,
        ready: @Sendable (ProxyServer) async throws -> Void
    ) async throws -> Int32 {
        // Taken over before anything listens, so that a signal never finds the default action.
        let signals = try SignalSource.on([SIGINT, SIGTERM])
        let server = try await ProxyServer.start(options)
        return try await untilSignal(signals, server, ready)
    }

    /// Runs one proxy until a signal comes; must be called on a loop.
    ///
    /// - Parameters:
    ///   - options: The proxy, its toxics and where the API listens.
    ///   - ready: Is called when the proxy listens; what it throws ends the server.
    /// - Throws: `ProxyServerError`.
    /// - Returns: The signal that ended it.
    package static func run(
        _ options: ProxyRunOptions,
        ready: @Sendable (ProxyServer) async throws -> Void
    ) async throws -> Int32 {
        var request = ProxyRequest()
        request.name = "proxy"
        // On this machine alone: an open door to a database is not what `:6432` shall mean by hand.
        request.listen =
            options.listen.hasPrefix(":") ? "127.0.0.1" + options.listen : options.listen
        request.upstream = options.upstream
        guard
            let wireProtocol = SystemDescription.Link.WireProtocol(rawValue: options.wireProtocol)
        else {
            throw ProxyServerError(
                "--protocol \(options.wireProtocol) is unknown. Use tcp, http or postgres."
            )
        }
        request.wireProtocol = wireProtocol
        let toxics = try options.toxics.map { try ToxicText.parse($0) }
        let signals = try SignalSource.on([SIGINT, SIGTERM])
        let server = try await ProxyServer.start(options.server)
        do {
            _ = try await server.control.create(request)
            for toxic in toxics { _ = try await server.control.addToxic(toxic, to: "proxy") }
        } catch {
            await server.shutdown()
            throw ProxyServerError("\(error.message). Check --listen, --upstream and --toxic.")
        }
        return try await untilSignal(signals, server, ready)
    }

    private static func untilSignal(
        _ signals: AsyncStream<Int32>,
        _ server: ProxyServer,
        _ ready: @Sendable (ProxyServer) async throws -> Void
    ) async throws -> Int32 {
        do {
            try await ready(server)
        } catch {
            await server.shutdown()
            throw error
        }
        var received = SIGTERM
        for await signal in signals {
            received = signal
            break
        }
        await server.shutdown()
        return received
    }
}
