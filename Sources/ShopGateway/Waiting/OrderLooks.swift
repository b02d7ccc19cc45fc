import EventLoop
import HTTP
import JSON
import ShopCore
import Synchronization
import Telemetry

/// Asks orders how orders are, for many customers with one request.
///
/// The first look goes at once; those that come within the next milliseconds go together. So a
/// lone customer waits for nobody, and a thousand a second cost a few hundred requests.
final class OrderLooks: Sendable {
    /// The shortest time between two requests.
    static let pause: Duration = .milliseconds(4)
    /// The most orders in one request; orders take no more.
    static let batchMax = 200
    /// How long a request of customers may take.
    static let patience: Duration = .seconds(10)
    /// How long a request for what may have been missed may take; it is repeated.
    static let overPatience: Duration = .seconds(3)

    /// What a look saw.
    enum Sight: Sendable {
        /// The order is on its way.
        case open(JSONValue)
        case over(JSONValue)
        /// There is no such order.
        case absent
        /// Orders did not say.
        case unknown(HTTPResponse)

        var response: HTTPResponse {
            switch self {
            case .open(let order), .over(let order): .order(order)
            case .absent: .problem(404, "There is no such order.")
            case .unknown(let response): response
            }
        }
    }

    /// One customer's question.
    private final class Look: Sendable {
        let order: String
        let ticket = Wakeups.Ticket()
        let sight = Mutex<Sight?>(nil)
        /// The customer's; a request for many is part of the first one's.
        let trace = TraceContext.current

        init(_ order: String) {
            self.order = order
        }

        func end(_ sight: Sight) {
            self.sight.withLock { $0 = sight }
            ticket.fire()
        }
    }

    private struct State {
        var queue: [Look] = []
        var isScheduled = false
        /// When the last request was sent, on the monotonic clock.
        var sentAt: Int64 = .min / 2
    }

    private let context: ServiceContext
    private let orders: Peer
    private let state = Mutex(State())

    init(_ context: ServiceContext, orders: Peer) {
        self.context = context
        self.orders = orders
    }

    /// How an order is; on the service's loop.
    func look(_ order: String, patience: Duration) async -> Sight {
        let look = Look(order)
        let delay: Duration? = state.withLock { state in
            state.queue.append(look)
            guard !state.isScheduled else { return nil }
            state.isScheduled = true
            let now = Loop.monotonicNanoseconds()
            return .nanoseconds(max(0, state.sentAt + Self.pause.nanoseconds - now))
        }
        if delay == .zero {
            send()
        } else if let delay {
            context.loop.after(delay) { [self] in send() }
        }
        await look.ticket.wait(atMost: patience)
        return look.sight.withLock { $0 }
            ?? .unknown(.unavailable("Orders did not answer. Send the same request again."))
    }

    /// Those of the orders that are over, `nil` when orders did not say.
    func over(among ids: [String]) async -> [JSONValue]? {
        var over: [JSONValue] = []
        for batch in Self.batches(of: ids) {
            let answer = await ask(batch, "&over=true", Self.overPatience)
            guard case .success(let found) = answer else { return nil }
            over += found
        }
        return over
    }

    /// Cut into pieces for which one request has room.
    private static func batches<Element>(of all: [Element]) -> [[Element]] {
        stride(from: 0, to: all.count, by: batchMax).map { start in
            Array(all[start..<min(start + batchMax, all.count)])
        }
    }

    /// Sends what is queued, in as many requests as it takes.
    private func send() {
        let looks = state.withLock { state in
            defer { state.queue = [] }
            state.isScheduled = false
            state.sentAt = Loop.monotonicNanoseconds()
            return state.queue
        }
        for batch in Self.batches(of: looks) {
            // Owned by the looks in it, each of which waits for its end or its patience's.
            _ = context.loop.spawn { [self] in await answer(batch) }
        }
    }

    private func answer(_ batch: [Look]) async {
        let orders = Array(Set(batch.map(\.order)))
        let answer: Result<[JSONValue], Refusal>
        if let trace = batch.lazy.compactMap(\.trace).first {
            answer = await TraceContext.task.withValue(trace) {
                await ask(orders, "", Self.patience)
            }
        } else {
            answer = await ask(orders, "", Self.patience)
        }
        switch answer {
        case .failure(let refusal):
            for look in batch { look.end(.unknown(refusal.response)) }
        case .success(let documents):
            var sights: [String: Sight] = [:]
            for order in documents {
                guard let id = order["order"]?.stringValue,
                    let state = order["state"]?.stringValue
                else { continue }
                let isOver = OrderState(rawValue: state)?.isFinal ?? false
                sights[id] = isOver ? .over(order) : .open(order)
            }
            for look in batch { look.end(sights[look.order] ?? .absent) }
        }
    }

    private struct Refusal: Error {
        var response: HTTPResponse
    }

    private func ask(
        _ ids: [String],
        _ filter: String,
        _ patience: Duration
    ) async -> Result<[JSONValue], Refusal> {
        let path = "/orders?ids=" + ids.joined(separator: ",") + filter
        do throws(HTTPError) {
            let response: HTTPResponse?
            do throws(HTTPError) {
                response = try await request(path, patience)
            } catch {
                guard error.code != .timeout, error.code != .cancelled else { throw error }
                // Many customers wait for this one: another instance may be there.
                response = try await request(path, patience, isRetry: true)
            }
            guard let response else {
                return refusal("Orders do not answer at present. Send the same request again.")
            }
            guard response.status == 200, let body = try? JSONValue.parse(response.body),
                let documents = body["orders"]?.arrayValue
            else {
                return response.status == 503
                    ? .failure(Refusal(response: .passed(response)))
                    : refusal("Orders answered \(response.status). Send the same request again.")
            }
            return .success(documents)
        } catch {
            context.logger.debug("looking for orders failed: \(error)")
            return refusal("Orders did not answer. Send the same request again.")
        }
    }

    private func request(
        _ path: String,
        _ patience: Duration,
        isRetry: Bool = false
    ) async throws(HTTPError) -> HTTPResponse? {
        var headers: HTTPHeaders = [:]
        headers[ShopHeaders.deadline] = String(patience.nanoseconds / 1_000_000)
        return try await orders.request(
            "GET",
            path,
            headers: headers,
            body: [],
            timeout: patience,
            isRetry: isRetry,
            // What orders says of itself goes to the client, who comes again.
            isWorking: { _ in true }
        )
    }

    private func refusal(_ text: String) -> Result<[JSONValue], Refusal> {
        .failure(Refusal(response: .unavailable(text)))
    }
}
