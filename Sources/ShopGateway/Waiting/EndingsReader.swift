import EventLoop
import HTTP
import JSON
import ShopCore
import Telemetry

/// Reads the feed of one instance of orders and wakes those who wait.
///
/// ```
/// GET /endings ──page──▶ waiting room, and the next page
///   │    └─ endings may be missing: the first page, another process ─┬─▶ ask by name for all
///   └─ no answer: the instance is away, others end its orders ───────┘   that are waited for
/// ```
struct EndingsReader: Sendable {
    /// How long orders hold an answer while nothing ends.
    static let wait: Duration = .seconds(2)
    /// How long after that an instance counts as away.
    static let patience: Duration = .milliseconds(3500)
    /// The shortest time between two requests while orders end.
    static let pause: Duration = .milliseconds(8)

    let context: ServiceContext
    /// The instance's base URL.
    let url: String
    let client: HTTPClient
    let room: WaitingRoom
    let looks: OrderLooks

    /// Reads until its task is cancelled; on the service's loop.
    func run() async {
        var place = FeedPlace()
        var isMissing = false
        var failures = 0
        while !Task.isCancelled {
            let asked = Loop.monotonicNanoseconds()
            if let page = await page(after: place) {
                if place.take(page) { isMissing = true }
                room.ended(page.orders)
                failures = 0
            } else {
                isMissing = true
                failures += 1
            }
            if isMissing, let over = await looks.over(among: room.orders) {
                room.ended(over)
                isMissing = false
            }
            let pause = isMissing || failures > 0 ? Self.delay(max(failures, 1)) : Self.pause
            let spent = Duration.nanoseconds(Loop.monotonicNanoseconds() - asked)
            if spent < pause { try? await context.loop.sleep(for: pause - spent) }
        }
    }

    /// 100 ms after the first failure, then twice as long each time, two seconds at most.
    static func delay(_ failures: Int) -> Duration {
        .milliseconds(min(2000, 100 << min(max(failures, 1) - 1, 5)))
    }

    private func page(after place: FeedPlace) async -> EndingsPage? {
        let wait = "\(Self.wait.nanoseconds / 1_000_000)ms"
        do throws(HTTPError) {
            let response = try await client.request(
                "GET",
                url: "\(url)/endings?\(place.query)wait=\(wait)",
                timeout: Self.patience
            )
            guard response.status == 200, let json = try? JSONValue.parse(response.body) else {
                return nil
            }
            return EndingsPage(json: json)
        } catch {
            context.logger.debug("reading the endings failed: \(error)")
            return nil
        }
    }
}
