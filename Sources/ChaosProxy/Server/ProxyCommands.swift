import ChaosModel
import EventLoop
import Glibc

/// What `chaos proxy run` is told: one proxy without a configuration file.
package struct ProxyRunOptions: Sendable {
    /// The name of the proxy that it runs.
    package static let proxyName = "proxy"

    /// Where clients connect: `127.0.0.1:6432`, `:6432` (this machine alone), `0.0.0.0:6432`.
    package var listen: String
    /// Where the server is: `127.0.0.1:5432`.
    package var upstream: String
    /// `tcp`, `http` or `postgres`.
    package var wireProtocol = "tcp"
    /// Toxics as `latency:latency=100ms,jitter=20ms`, each at work from the start.
    package var toxics: [String] = []
    /// `cut` or `passthrough`: what clients get when this process is killed.
    package var onDeath = "cut"
    /// The rest of what a server is told; the API listens as well.
    package var server = ProxyServerOptions()
    /// Whether the API may listen at a free port when its own is taken.
    package var mayMoveAPI = false

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
    ///   - meanwhile: Runs beside the traffic; cancelled by the signal, and the server closes only
    ///     after it has returned.
    /// - Throws: `ProxyServerError`.
    /// - Returns: The signal that ended it.
    package static func run(
        _ options: ProxyRunOptions,
        ready: @Sendable (ProxyServer) async throws -> Void,
        meanwhile: @escaping @Sendable (ProxyServer) async -> Void = { _ in }
    ) async throws -> Int32 {
        var request = ProxyRequest()
        request.name = ProxyRunOptions.proxyName
        // On this machine alone: an open door to a database is not what `:6432` shall mean by hand.
        request.listen =
            options.listen.hasPrefix(":") ? "127.0.0.1" + options.listen : options.listen
        request.upstream =
            options.upstream.hasPrefix(":") ? "127.0.0.1" + options.upstream : options.upstream
        guard
            let wireProtocol = SystemDescription.Link.WireProtocol(rawValue: options.wireProtocol)
        else {
            throw ProxyServerError(
                "--protocol \(options.wireProtocol) is unknown. Use tcp, http or postgres.",
                isUsage: true
            )
        }
        request.wireProtocol = wireProtocol
        request.onDeath = OnDeath(rawValue: options.onDeath)
        for text in options.toxics {
            request.toxics.append(try ToxicText(parsing: text, as: "--toxic").request())
        }
        let signals = try SignalSource.on([SIGINT, SIGTERM])
        let server = try await start(options)
        do {
            _ = try await server.control.create(request)
        } catch {
            await server.shutdown()
            throw ProxyCommands.explained(error, options)
        }
        return try await untilSignal(signals, server, ready, meanwhile)
    }

    private static func start(_ options: ProxyRunOptions) async throws -> ProxyServer {
        do {
            return try await ProxyServer.start(options.server)
        } catch  where options.mayMoveAPI {
            var moved = options.server
            moved.port = 0
            return try await ProxyServer.start(moved)
        }
    }

    private static func explained(
        _ error: ControlError,
        _ options: ProxyRunOptions
    ) -> ProxyServerError {
        guard error.status >= 500 else {
            return ProxyServerError(
                "\(error.message). Check --listen, --upstream, --protocol and --toxic.",
                isUsage: true
            )
        }
        return ProxyServerError(
            "--listen \(options.listen): \(error.message). "
                + SocketRemedy.remedy(for: error.message)
        )
    }

    private static func untilSignal(
        _ signals: AsyncStream<Int32>,
        _ server: ProxyServer,
        _ ready: @Sendable (ProxyServer) async throws -> Void,
        _ meanwhile: @escaping @Sendable (ProxyServer) async -> Void = { _ in }
    ) async throws -> Int32 {
        do {
            try await ready(server)
        } catch {
            await server.shutdown()
            throw error
        }
        // Owned by this function: cancelled and awaited below.
        let companion = Loop.current?.spawn { await meanwhile(server) }
        var received = SIGTERM
        for await signal in signals {
            received = signal
            break
        }
        companion?.cancel()
        _ = await companion?.result
        await server.shutdown()
        return received
    }
}
