import ShopCore
import Synchronization

/// Who is told when an order ends: those who wait for it here, and the gateways by the feed.
final class Endings: Sendable {
    /// Those who wait here for an order by its number.
    let wakeups = Wakeups()
    /// The feed's name; no other process has it.
    private let name = UUIDText.random()
    private let log = Mutex(EndingLog())
    /// Those who wait for any ending.
    private let readers = Wakeups()
    private static let anyOrder = "any"

    /// Where a reader of the feed goes on.
    struct Place: Sendable, Equatable {
        var feed: String
        var next: Int64
    }

    /// What a reader is told: the orders, and where it goes on afterwards.
    struct Page: Sendable, Equatable {
        var orders: [String]
        var place: Place
        /// Whether the reader's place was not known any more.
        var isMissing: Bool
    }

    /// An order has ended, or what is known of it has changed otherwise.
    func tell(_ orderID: String) {
        log.withLock { $0.append(orderID) }
        wakeups.wake(orderID)
        readers.wake(Self.anyOrder)
    }

    /// The endings behind a place; waits for the first one when there is none yet, but not when
    /// the process ends.
    func page(after place: Place?, atMost count: Int, wait: Duration) async -> Page {
        await readers.withTicket(for: Self.anyOrder) { ticket in
            let page = page(after: place, atMost: count)
            guard page.orders.isEmpty, !page.isMissing, wait > .zero else { return page }
            await ticket.wait(atMost: wait)
            return self.page(after: place, atMost: count)
        }
    }

    private func page(after place: Place?, atMost count: Int) -> Page {
        log.withLock { log in
            guard let place, place.feed == name,
                let orders = log.endings(from: place.next, atMost: count)
            else {
                return Page(orders: [], place: Place(feed: name, next: log.next), isMissing: true)
            }
            let next = place.next + Int64(orders.count)
            return Page(orders: orders, place: Place(feed: name, next: next), isMissing: false)
        }
    }

    /// Nobody waits any more.
    func close() {
        wakeups.close()
        readers.close()
    }
}
