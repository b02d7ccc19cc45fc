import EventLoop
import HTTP
import JSON
import Synchronization
import Telemetry

/// Sends the spans of a process to a collector, from a thread of its own: no request waits for it.
///
/// ```
/// Tracer ─▶ SpanQueue ─ a batch, or a second ─▶ POST /v1/traces (OTLP, JSON)
///              │ full: dropped, counted          │ 429, 502, 503, 504, no answer: again, later
///                                                └ refused, or after four tries: dropped, counted
/// ```
/// Source: OTLP 1.x, "OTLP/HTTP", for what may be repeated.
final class SpanExporter: Sendable {
    /// How often a request is tried.
    static let triesMax = 4
    /// How long a stop waits for what is still to be sent.
    static let stopMax: Duration = .seconds(2)
    private static let backoff = Backoff(base: .milliseconds(100), cap: .seconds(2))

    private let settings: TracingSettings
    private let queue: SpanQueue
    private let resource: Span.Attributes
    private let logger: Logger
    private let loop: Loop
    private let doorbell = Doorbell()
    private let isStopping = Atomic<Bool>(false)
    private let work = Mutex<Task<Void, any Error>?>(nil)
    private let exported: Counter
    private let dropped: Counter
    private let failures: Counter

    /// Begins to send what the queue holds; throws `SystemError` when there is no thread.
    init(
        _ settings: TracingSettings,
        queue: SpanQueue,
        resource: Span.Attributes,
        metrics: MetricsRegistry,
        logger: Logger
    ) throws {
        self.settings = settings
        self.queue = queue
        self.resource = resource
        self.logger = logger
        loop = try Loop.start(label: "spans")
        exported = metrics.counter(
            "trace_spans_exported_total",
            help: "Spans that the collector has taken."
        )
        dropped = Self.dropped(metrics, reason: "export")
        failures = metrics.counter(
            "trace_exports_failed_total",
            help: "Requests to the collector that failed and were tried again, or given up."
        )
        queue.onBatch { [doorbell] in doorbell.ring() }
        // Owned here, awaited by `stop`.
        let task = loop.spawn { [self] in await run() }
        work.withLock { $0 = task }
    }

    /// The counter of spans that nobody will see.
    static func dropped(_ metrics: MetricsRegistry, reason: String) -> Counter {
        metrics.counter(
            "trace_spans_dropped_total",
            help: "Spans that were not sent: the queue was full, or the collector refused them.",
            [("reason", reason)]
        )
    }

    /// Sends what is left, within bounds; on the loop of the service.
    func stop(grace: Duration) async {
        queue.close()
        isStopping.store(true, ordering: .sequentiallyConsistent)
        doorbell.ring()
        let task = work.withLock { $0 }
        let timer = Loop.current?.after(min(grace, Self.stopMax)) { task?.cancel() }
        _ = await task?.result
        if let timer { Loop.current?.cancel(timer) }
        loop.stop()
    }

    private var mustEnd: Bool { isStopping.load(ordering: .sequentiallyConsistent) }

    private func run() async {
        let client = HTTPClient(maxConnectionsPerHost: 1)
        defer { client.close() }
        while !mustEnd {
            await doorbell.wait(atMost: .milliseconds(settings.delayMilliseconds))
            await flush(client)
        }
        await flush(client)
    }

    private func flush(_ client: HTTPClient) async {
        var spans = queue.take()[...]
        while !spans.isEmpty {
            let batch = spans.prefix(settings.batchMax)
            spans = spans.dropFirst(settings.batchMax)
            await export(batch, client)
        }
    }

    private func export(_ batch: ArraySlice<Span>, _ client: HTTPClient) async {
        let body = TraceText.body(batch, resource: resource, scope: "chaos.shop")
        for tries in 1...Self.triesMax {
            let outcome = await send(body, client)
            guard case .failed(let reason, let isFinal, let after) = outcome else {
                exported.add(batch.count)
                return
            }
            failures.add()
            if isFinal || mustEnd || tries == Self.triesMax {
                dropped.add(batch.count)
                logger.warning(
                    "spans were dropped: \(reason)",
                    ["spans": .integer(Int64(batch.count)), "collector": .string(settings.url)]
                )
                return
            }
            let delay = Self.backoff.delay(afterFailures: tries, atLeast: after)
            // A stop wakes it up.
            await doorbell.wait(atMost: delay)
        }
    }

    private enum Outcome {
        case taken
        case failed(String, isFinal: Bool, after: Duration)
    }

    private func send(_ body: [UInt8], _ client: HTTPClient) async -> Outcome {
        do {
            let response = try await client.request(
                "POST",
                url: settings.url,
                headers: ["Content-Type": "application/json"],
                body: body,
                timeout: .milliseconds(settings.timeoutMilliseconds)
            )
            if (200...299).contains(response.status) { return .taken }
            let mayComeAgain = [429, 502, 503, 504].contains(response.status)
            let seconds = response.headers[ShopHeaders.retryAfter].flatMap { Int($0) } ?? 0
            return .failed(
                "the collector answered \(response.status)",
                isFinal: !mayComeAgain,
                after: .seconds(min(max(seconds, 0), 5))
            )
        } catch {
            return .failed("\(error)", isFinal: false, after: .zero)
        }
    }
}
