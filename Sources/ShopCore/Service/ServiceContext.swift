package import EventLoop
package import HTTP
import JSON
package import Postgres
package import Telemetry

/// What a service works with; one per process, confined to its loop.
package final class ServiceContext: Sendable {
    /// How long a statement may take before its caller hears 503.
    package static let databasePatience: Duration = .seconds(2)
    /// A service finds rows by their keys.
    ///
    /// A plan that is made for a small table reads all of it, and is kept when it has become a
    /// large one, or one that holds little but dead rows.
    private static let sessionOptions: StaticString = "-c enable_seqscan=off"

    package let configuration: ShopServiceConfiguration
    package let loop: Loop
    package let logger: Logger
    package let metrics: MetricsRegistry
    package let tracer: Tracer
    package let pool: PostgresPool
    private let spans: SpanQueue?
    /// For statements that are a transaction each: under load they share transactions.
    package let group: PostgresGroup

    /// Makes the equipment on the current loop; traps outside of one.
    ///
    /// Opens no connection yet.
    package init(_ configuration: ShopServiceConfiguration, logger: Logger) {
        guard let loop = Loop.current else {
            preconditionFailure("a service is made outside of a loop")
        }
        self.configuration = configuration
        self.loop = loop
        self.logger = logger
        metrics = MetricsRegistry()
        if let settings = configuration.tracing {
            let spans = SpanQueue(
                limit: settings.queueMax,
                batch: settings.batchMax,
                dropped: SpanExporter.dropped(metrics, reason: "queue")
            )
            self.spans = spans
            tracer = Tracer(sampler: settings.sampler, queue: spans)
        } else {
            spans = nil
            tracer = .off
        }
        pool = PostgresPool(
            configuration.database,
            options: Self.sessionOptions,
            size: configuration.pool,
            maxWaiters: 2048,
            acquireTimeout: Self.databasePatience
        )
        group = PostgresGroup(pool, timeout: Self.databasePatience)
    }

    /// What sends the spans; `nil` when nobody asked for them.
    func exporter() throws -> SpanExporter? {
        guard let settings = configuration.tracing, let spans else { return nil }
        let own: Span.Attributes = [
            ("service.name", .string(configuration.role.rawValue)),
            ("service.namespace", "shop"),
            ("service.instance.id", .string(configuration.name)),
            ("telemetry.sdk.name", "chaos"),
            ("telemetry.sdk.language", "swift"),
        ]
        return try SpanExporter(
            settings,
            queue: spans,
            resource: own + settings.resource.map { (name: $0.name, value: .string($0.value)) },
            metrics: metrics,
            logger: logger
        )
    }

    /// Whether a deliberate bug is switched on.
    package func has(_ mutant: Mutant) -> Bool { configuration.mutants.contains(mutant) }

    /// A peer's instances, asked through a client of the caller's; traps for a role that the
    /// configuration's reader did not ask for.
    package func peer(_ role: ShopRole, client: HTTPClient, breaker: CircuitBreaker) -> Peer {
        guard let urls = configuration.peers[role] else {
            preconditionFailure("\(configuration.role) has no URL of \(role)")
        }
        return Peer(
            role,
            urls: urls,
            client: client,
            breaker: breaker,
            startsSlowly: !has(.withoutSlowStart),
            budget: has(.withoutRetryBudgets) ? nil : RetryBudget(),
            refused: metrics.counter(
                "peer_retries_refused_total",
                help: "Retries that were not sent, because the peer's budget was used up.",
                [("peer", role.rawValue)]
            ),
            tracer: tracer
        )
    }

    /// The circuit breaker for a peer's instances.
    package func breaker(
        threshold: Int = 5,
        openFor: Duration = .milliseconds(500)
    ) -> CircuitBreaker {
        CircuitBreaker(threshold: has(.withoutBreakers) ? .max : threshold, openFor: openFor)
    }

    /// A bulkhead.
    package func bulkhead(limit: Int) -> Bulkhead {
        Bulkhead(limit: has(.withoutBulkheads) ? .max : limit)
    }

    /// How long the caller will still wait, as it said itself, at most `limit`.
    package func patience(of request: HTTPRequest, atMost limit: Duration) -> Duration {
        guard !has(.withoutDeadlines), let text = request.headers[ShopHeaders.deadline],
            let milliseconds = Int(text), milliseconds > 0
        else { return limit }
        return min(.milliseconds(milliseconds), limit)
    }
}
