package import HTTP
import JSON
import Telemetry

/// One kind of request that a service answers.
package struct Route: Sendable {
    /// Answers a request; the texts are the parts of the path that the pattern leaves open, in
    /// order.
    package typealias Handler = @Sendable (HTTPRequest, [String]) async throws -> HTTPResponse

    package let method: String
    /// `/orders/:id`: parts that begin with a colon take any text.
    package let pattern: String
    let parts: [String]
    let handler: Handler
    /// Whether its requests are spans: not those by which a process is watched, again and again.
    var isTraced: Bool

    package init(
        _ method: String,
        _ pattern: String,
        isTraced: Bool = true,
        _ handler: @escaping Handler
    ) {
        self.isTraced = isTraced
        self.method = method
        self.pattern = pattern
        self.handler = handler
        parts = pattern.split(separator: "/").map(String.init)
    }

    /// The open parts of a path of this pattern, `nil` when it is another path.
    func parameters(of segments: [String]) -> [String]? {
        guard segments.count == parts.count else { return nil }
        var parameters: [String] = []
        for (segment, part) in zip(segments, parts) {
            if part.hasPrefix(":") {
                parameters.append(segment)
            } else if segment != part {
                return nil
            }
        }
        return parameters
    }
}

/// Finds a request's route, answers what its handler throws, counts and traces.
struct Router: Sendable {
    private let entries: [(route: Route, metrics: RouteMetrics)]
    private let logger: Logger
    private let tracer: Tracer

    init(_ routes: [Route], _ context: ServiceContext) {
        entries = routes.map { ($0, RouteMetrics(route: $0, registry: context.metrics)) }
        logger = context.logger
        tracer = context.tracer
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let segments = request.segments
        var isKnownPath = false
        for (route, metrics) in entries {
            guard let parameters = route.parameters(of: segments) else { continue }
            guard route.method == request.method else {
                isKnownPath = true
                continue
            }
            return await metrics.measuring {
                await tracer.serving(request, route) {
                    await respond(to: request, route, parameters)
                }
            }
        }
        return isKnownPath
            ? .problem(405, "\(request.method) is not for this path.")
            : .problem(404, "There is nothing at this path.")
    }

    private func respond(
        to request: HTTPRequest,
        _ route: Route,
        _ parameters: [String]
    ) async -> HTTPResponse {
        do {
            return try await route.handler(request, parameters)
        } catch {
            let response = HTTPResponse.failure(error)
            let level: LogLevel = response.status == 500 ? .error : .debug
            logger.log(
                level,
                "\(route.method) \(route.pattern) failed: \(error)",
                ["status": .integer(Int64(response.status))]
            )
            return response
        }
    }
}

/// The counters of one route, looked up once.
private struct RouteMetrics: Sendable {
    private let classes: [Counter]
    private let seconds: DurationHistogram

    init(route: Route, registry: MetricsRegistry) {
        let name = "\(route.method) \(route.pattern)"
        classes = (1...5).map { number in
            registry.counter(
                "http_requests_total",
                help: "Requests answered, by route and class of status.",
                [("route", name), ("status", "\(number)xx")]
            )
        }
        seconds = registry.histogram(
            "http_request_seconds",
            help: "From the request's head to its answer.",
            [("route", name)]
        )
    }

    func measuring(_ body: () async -> HTTPResponse) async -> HTTPResponse {
        let start = ContinuousClock.now
        let response = await body()
        seconds.record(.now - start)
        classes[min(max(response.status / 100, 1), 5) - 1].add()
        return response
    }
}
