import EventLoop
import HTTP
import JSON
import ShopCore
import Synchronization

/// Takes orders to misbehave, and carries them out on requests that act.
///
/// ```
/// PUT /behaviours/{name} ─▶ Behaviours ─▶ fate of a request: act or not · wait · 500 · once more
/// ```
/// Behaviours are this process's own: no database has them, and a restart forgets them.
final class BehaviourDesk: Sendable {
    private let loop: Loop
    private let state = Mutex(Behaviours())

    init(_ context: ServiceContext) {
        loop = context.loop
    }

    var routes: [Route] {
        [
            Route("GET", "/behaviours") { [self] _, _ in
                let now = Loop.monotonicNanoseconds()
                let entries = state.withLock { $0.all(now: now) }
                return .document(
                    ["behaviours": .array(entries.map { Self.json($0, now) })]
                )
            },
            Route("PUT", "/behaviours/:name") { [self] request, parameters in
                try put(parameters[0], request)
            },
            Route("PATCH", "/behaviours/:name") { [self] request, parameters in
                let lease = try BehaviourRequest.lease(body: request.body)
                return change { $0.renew(parameters[0], leaseMilliseconds: lease, now: $1) }
            },
            Route("DELETE", "/behaviours/:name") { [self] _, parameters in
                change { $0.remove(parameters[0], now: $1) }
            },
        ]
    }

    /// Answers a request that acts, in the manner that is in force.
    func serve(_ act: () async throws -> HTTPResponse) async throws -> HTTPResponse {
        let fate = state.withLock { $0.next(now: Loop.monotonicNanoseconds()) }
        var response = fate.failure == .before ? Self.failed : try await act()
        if fate.failure == .after { response = Self.failed }
        if fate.delayMilliseconds > 0 {
            try await loop.sleep(for: .milliseconds(fate.delayMilliseconds))
        }
        response.copies = Int(fate.answers)
        return response
    }

    /// In the words of a real fault: whether it acted, nobody can tell from the answer.
    private static var failed: HTTPResponse {
        .problem(500, "Internal fault. Look into the service's log.")
    }

    private func put(_ name: String, _ request: HTTPRequest) throws -> HTTPResponse {
        guard ShopHeaders.isKey(name) else {
            return .problem(400, "A behaviour's name has 1 to 200 visible ASCII characters.")
        }
        let rule = try BehaviourRequest(body: request.body)
        let now = Loop.monotonicNanoseconds()
        guard let (entry, isNew) = state.withLock({ $0.put(name, rule, now: now) }) else {
            return .problem(
                409,
                "\(Behaviours.countMax) behaviours are in force. End one: DELETE /behaviours/NAME."
            )
        }
        return .document(Self.json(entry, now), status: isNew ? 201 : 200)
    }

    private func change(
        _ body: (inout Behaviours, Int64) -> Behaviours.Entry?
    ) -> HTTPResponse {
        let now = Loop.monotonicNanoseconds()
        guard let entry = state.withLock({ body(&$0, now) }) else {
            return .problem(404, "No behaviour of that name is in force. See GET /behaviours.")
        }
        return .document(Self.json(entry, now))
    }

    private static func json(_ entry: Behaviours.Entry, _ now: Int64) -> JSONValue {
        let rule = entry.rule
        var object: JSONObject = [
            "name": .string(entry.name), "for_ms": .integer((entry.until - now) / 1_000_000),
            "requests": .integer(entry.requests), "hits": .integer(entry.hits),
            "delay_ms": .integer(rule.delayMilliseconds), "answers": .integer(rule.answers),
            "share": .number(rule.share), "seed": .integer(rule.seed),
        ]
        object["fail"] = rule.failure.map { .string($0.rawValue) }
        object["times"] = rule.times.map { .integer($0) }
        return .object(object)
    }
}
