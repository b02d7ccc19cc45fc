package import EventLoop
import HTTP
import JSON
import Postgres
package import Telemetry

/// A service that listens; `stop()` ends it in good order.
package final class RunningService: Sendable {
    /// Where it listens, with the port that was really bound.
    package let address: SocketAddress
    package let context: ServiceContext
    /// What runs inside, for tests that look into it.
    package let service: any ShopService
    /// All that it answers.
    package let routes: [Route]
    private let server: HTTPServer
    private let exporter: SpanExporter?

    private init(
        server: HTTPServer,
        context: ServiceContext,
        service: any ShopService,
        routes: [Route],
        exporter: SpanExporter?
    ) {
        self.server = server
        self.context = context
        self.service = service
        self.routes = routes
        self.exporter = exporter
        address = server.address
    }

    /// The base URL.
    package var url: String { "http://\(address)" }

    /// Starts a service on the current loop.
    ///
    /// Without a logger it makes one from the configuration; `make` makes the service from its
    /// equipment. Throws `SystemError` when the address cannot be bound, `LogSinkError`, and what
    /// `make` throws.
    package static func start(
        _ configuration: ShopServiceConfiguration,
        logger: Logger? = nil,
        _ make: (ServiceContext) async throws -> any ShopService
    ) async throws -> RunningService {
        let logger = try logger ?? Self.logger(configuration)
        let context = ServiceContext(configuration, logger: logger)
        let service = try await make(context)
        let routes = service.routes + Self.ownRoutes(context)
        let router = Router(routes, context)
        var limits = HTTPLimits.default
        // A write that was begun is finished: its client will ask again and wants to find it.
        let readers: [ShopRole] = [.orders, .gateway, .projector]
        limits.cancelsAbandonedHandlers = readers.contains(configuration.role)
        let server = try await HTTPServer.start(
            on: SocketAddress(parsing: configuration.listen),
            limits: limits
        ) { request in
            await router.respond(to: request)
        }
        let exporter = try context.exporter()
        await service.begin()
        logger.info(
            "listening",
            [
                "address": .string("\(server.address)"),
                "mutants": .array(configuration.mutants.map { .string($0.name) }),
            ]
        )
        return RunningService(
            server: server,
            context: context,
            service: service,
            routes: routes,
            exporter: exporter
        )
    }

    /// Ends it: long answers are given, requests being handled are finished, then connections
    /// close.
    package func stop() async {
        let grace = Duration.milliseconds(context.configuration.drainMilliseconds)
        let start = ContinuousClock.now
        context.logger.info("draining")
        await service.drain(grace: grace)
        await server.shutdown(grace: max(.zero, grace - (.now - start)))
        context.pool.close()
        await exporter?.stop(grace: max(.milliseconds(100), grace - (.now - start)))
        context.logger.info("stopped")
    }

    private static func logger(
        _ configuration: ShopServiceConfiguration
    ) throws(LogSinkError) -> Logger {
        guard let path = configuration.log else {
            return Logger(label: configuration.name, sink: .standardError(.json))
        }
        return Logger(label: configuration.name, sink: try .file(path))
    }

    private static func ownRoutes(_ context: ServiceContext) -> [Route] {
        let role = context.configuration.role
        var routes = [
            Route("GET", "/health") { _, _ in
                do {
                    try await context.pool.query("SELECT 1", timeout: .seconds(1))
                } catch {
                    return .unavailable("The database does not answer: \(error)")
                }
                return .document(["status": "ok", "role": .string(role.rawValue)])
            },
            Route("GET", "/metrics") { _, _ in
                .text(context.metrics.render())
            },
            Route("GET", "/openapi.json") { _, _ in .document(ShopAPI.document(of: role)) },
        ]
        for index in routes.indices { routes[index].isTraced = false }
        return routes
    }
}
