import EventLoop
import HTTP
import JSON
import ShopCore
import Synchronization
import Telemetry

/// Where customers wait for the end of their orders; none of them holds a connection to orders.
///
/// ```
///  customer ─▶ seat ─▶ look (shared with others) ─over─────────────▶ answer
///                        └─not over─▶ waits ─told by a feed────────▶ answer
///                                       └─time over, drain─▶ look ─▶ answer
/// ```
/// The seat is taken before the look, so an ending is seen by the look or told afterwards.
final class WaitingRoom: Sendable {
    /// A customer's place: woken once, with the order or without.
    private final class Seat: Sendable {
        let ticket = Wakeups.Ticket()
        let order = Mutex<JSONValue?>(nil)
    }

    private struct State {
        var table = WaitingTable<Seat>()
        /// How many look, the first or the last time.
        var looking = 0
        /// How many have had their first look.
        var waiting = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let looks: OrderLooks
    private let looking: Gauge
    private let waiting: Gauge

    init(looks: OrderLooks, metrics: MetricsRegistry) {
        self.looks = looks
        func gauge(_ phase: String) -> Gauge {
            metrics.gauge(
                "gateway_customers",
                help: "Requests that look for an order with a wait, and those that wait.",
                [("phase", phase)]
            )
        }
        looking = gauge("looking")
        waiting = gauge("waiting")
    }

    /// The orders that somebody waits for.
    var orders: [String] { state.withLock { $0.table.orders } }

    /// An order as it is, or as it is when it ended or the wait is over.
    ///
    /// 503 when orders do not answer within `patience`; on a loop.
    func answer(_ order: String, wait: Duration, patience: Duration) async -> HTTPResponse {
        guard wait > .zero else { return await looks.look(order, patience: patience).response }
        let start = Loop.monotonicNanoseconds()
        func left(of limit: Duration) -> Duration {
            max(.zero, limit - .nanoseconds(Loop.monotonicNanoseconds() - start))
        }
        let seat = Seat()
        let number = enter(order, seat)
        defer { leave(number, order) }
        count(looking: 1)
        defer { count(looking: -1) }
        let first = await looks.look(order, patience: patience)
        guard case .open = first else { return first.response }
        count(looking: -1, waiting: 1)
        await seat.ticket.wait(atMost: left(of: wait))
        count(looking: 1, waiting: -1)
        if let ended = seat.order.withLock({ $0 }) { return .order(ended) }
        if Task.isCancelled { return first.response }
        return await looks.look(order, patience: max(left(of: patience), .seconds(1))).response
    }

    /// These orders have ended: whoever waits for one is answered.
    func ended(_ orders: [JSONValue]) {
        for order in orders {
            guard let id = order["order"]?.stringValue else { continue }
            let seats = state.withLock { $0.table.end(id) }
            for seat in seats {
                seat.order.withLock { $0 = order }
                seat.ticket.fire()
            }
        }
    }

    /// Nobody waits any more: everybody is answered with what is known.
    func close() {
        let seats = state.withLock { state in
            state.isClosed = true
            return state.table.endAll()
        }
        for seat in seats { seat.ticket.fire() }
    }

    private func enter(_ order: String, _ seat: Seat) -> Int {
        state.withLock { state in
            if state.isClosed { seat.ticket.fire() }
            return state.table.enter(order, seat)
        }
    }

    private func leave(_ number: Int, _ order: String) {
        state.withLock { $0.table.leave(number, order) }
    }

    private func count(looking more: Int, waiting others: Int = 0) {
        state.withLock { state in
            state.looking += more
            state.waiting += others
            looking.set(state.looking)
            waiting.set(state.waiting)
        }
    }
}
