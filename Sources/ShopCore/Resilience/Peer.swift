import EventLoop
package import HTTP
import JSON
import Synchronization
package import Telemetry

/// The instances of a service as one caller sees them: in turn, but for those whose circuit breaker
/// is open.
///
/// ```
///            ┌─▶ payments    closed ──────────▶ asked
/// in turn ───┼─▶ payments-2  open ─ ─ ─ ─ ─ ─ ▶ passed over until its pause is over, then probed,
///            │                                  then asked at a rate that grows (`SlowStart`)
///            └─▶ payments-3  closed ──────────▶ asked
/// ```
/// All instances together are sent no more retries than the budget has.
package final class Peer: Sendable {
    package let role: ShopRole
    private let urls: [String]
    private let client: HTTPClient
    private let state: Mutex<InstanceChoice>
    private let tracer: Tracer
    /// `nil`: as many retries as there are failures.
    private let budget: Mutex<RetryBudget?>
    private let refused: Counter?

    /// One breaker like `breaker` for each URL; traps when there is none.
    package init(
        _ role: ShopRole,
        urls: [String],
        client: HTTPClient,
        breaker: CircuitBreaker,
        startsSlowly: Bool = true,
        budget: RetryBudget? = nil,
        refused: Counter? = nil,
        tracer: Tracer = .off
    ) {
        self.role = role
        self.urls = urls
        self.client = client
        self.tracer = tracer
        self.budget = Mutex(budget)
        self.refused = refused
        state = Mutex(
            InstanceChoice(count: urls.count, breaker: breaker, startsSlowly: startsSlowly)
        )
    }

    /// Asks one instance; `nil` when every one is given a pause, or the retries are used up.
    ///
    /// A retry is a request that this process has made before, in whatever words.
    /// An answer for which `isWorking` says no counts against the instance as none would. Throws
    /// `HTTPError` when there was no answer; the request may or may not have had its effect.
    package func request(
        _ method: String,
        _ path: String,
        headers: HTTPHeaders,
        body: [UInt8],
        timeout: Duration,
        isRetry: Bool = false,
        isWorking: (HTTPResponse) -> Bool = { $0.status < 500 }
    ) async throws(HTTPError) -> HTTPResponse? {
        let now = Loop.monotonicNanoseconds()
        guard admits(isRetry: isRetry, now: now),
            let index = state.withLock({ $0.next(now: now) })
        else { return nil }
        let url = urls[index] + path
        var headers = headers
        var span = begin(method, url)
        if let trace = span?.context ?? TraceContext.current { headers.send(trace) }
        defer { tracer.end(span) }
        do throws(HTTPError) {
            let response = try await client.request(
                method,
                url: url,
                headers: headers,
                body: body,
                timeout: timeout
            )
            span?.set("http.response.status_code", .integer(Int64(response.status)))
            if response.status >= 400 { span?.fail("", type: String(response.status)) }
            note(index, isWorking: isWorking(response))
            return response
        } catch {
            span?.fail("\(error)", type: "\(error.code)")
            // A caller that left says nothing about the peer.
            if error.code != .cancelled { note(index, isWorking: false) }
            throw error
        }
    }

    /// How long until some instance may be asked, with a retry or anew; `nil`: now.
    package func wait(isRetry: Bool = false, now: Int64) -> Duration? {
        if let wait = state.withLock({ $0.wait(now: now) }) { return wait }
        guard isRetry, let wait = budget.withLock({ $0?.wait(now: now) }), wait > .zero else {
            return nil
        }
        return wait
    }

    private func admits(isRetry: Bool, now: Int64) -> Bool {
        let isAdmitted = budget.withLock { budget in
            guard isRetry else {
                budget?.requested(now: now)
                return true
            }
            return budget?.admitsRetry(now: now) ?? true
        }
        if !isAdmitted { refused?.add() }
        return isAdmitted
    }

    /// A span of OpenTelemetry's conventions for HTTP clients; `nil` outside of a trace.
    private func begin(_ method: String, _ url: String) -> Span? {
        guard var span = tracer.child(method, .client) else { return nil }
        span.set("http.request.method", .string(method))
        span.set("url.full", .string(url))
        let (host, port) = Self.place(of: url)
        span.set("server.address", .string(host))
        if let port { span.set("server.port", .integer(port)) }
        span.set("peer.service", .string(role.rawValue))
        return span
    }

    /// Host and port of `http://127.0.0.1:20311/payments`; a Unix socket has none.
    private static func place(of url: String) -> (host: String, port: Int64?) {
        let scheme = "http://"
        guard url.hasPrefix(scheme) else { return (url, nil) }
        let authority = url.dropFirst(scheme.count).prefix { $0 != "/" }
        guard let colon = authority.lastIndex(of: ":"),
            let port = Int64(authority[authority.index(after: colon)...])
        else { return (String(authority), nil) }
        return (String(authority[..<colon]), port)
    }

    private func note(_ index: Int, isWorking: Bool) {
        let now = Loop.monotonicNanoseconds()
        state.withLock { $0.note(index, isWorking: isWorking, now: now) }
    }
}

/// Whose turn it is among instances with a circuit breaker each; a value, the caller gives the
/// time.
package struct InstanceChoice: Sendable {
    package private(set) var breakers: [CircuitBreaker]
    private var starts: [SlowStart]
    private let startsSlowly: Bool
    private var turn = 0

    package init(count: Int, breaker: CircuitBreaker, startsSlowly: Bool = true) {
        precondition(count >= 1, "a choice among nobody")
        breakers = Array(repeating: breaker, count: count)
        starts = Array(repeating: SlowStart(), count: count)
        self.startsSlowly = startsSlowly
    }

    /// The next instance whose breaker lets a request through; `nil` when none does.
    package mutating func next(now: Int64) -> Int? {
        for offset in breakers.indices {
            let index = (turn + offset) % breakers.count
            if starts[index].admits(now: now), breakers[index].admits(now: now) {
                turn = (index + 1) % breakers.count
                return index
            }
        }
        return nil
    }

    /// What became of an admitted request.
    package mutating func note(_ index: Int, isWorking: Bool, now: Int64) {
        guard isWorking else {
            breakers[index].failed(now: now)
            if breakers[index].isOpen { starts[index].end() }
            return
        }
        if startsSlowly, case .halfOpen = breakers[index].state { starts[index].begin(now: now) }
        breakers[index].succeeded()
    }

    /// How long until some breaker lets a request through; `nil`: now.
    package func wait(now: Int64) -> Duration? {
        let shortest =
            breakers.indices.map { max(breakers[$0].wait(now: now), starts[$0].wait(now: now)) }
            .min() ?? .zero
        return shortest > .zero ? shortest : nil
    }
}
