import HTTP
import JSON
import ShopCore

/// What a gateway asks for many customers at once.
///
/// ```
/// GET /orders?ids=ID,ID,…[&over=true]   these orders as they are; with `over` those that ended
/// GET /endings?feed=NAME&from=17&wait=2s   see `EndingsPage`
/// ```
struct EndingsDesk: Sendable {
    /// The most orders in one question; a request's first line has no room for more.
    static let idsMax = 200
    /// The longest that a reader of the feed may wait.
    static let waitMax: Duration = .seconds(10)

    let store: OrderStore
    let endings: Endings

    var routes: [Route] {
        [
            Route("GET", "/orders") { request, _ in try await look(request) },
            Route("GET", "/endings", isTraced: false) { request, _ in try await feed(request) },
        ]
    }

    private func look(_ request: HTTPRequest) async throws -> HTTPResponse {
        let ids = (request.query("ids") ?? "").split(separator: ",").map { $0.lowercased() }
        guard (1...Self.idsMax).contains(ids.count), ids.allSatisfy({ UUIDText.isValid($0) })
        else {
            return .problem(400, "ids: send 1 to \(Self.idsMax) orders' numbers with commas.")
        }
        var orders = try await store.look(ids)
        if request.query("over") == "true" { orders = orders.filter(\.isOver) }
        return .document(["orders": .array(orders.map(\.document))])
    }

    private func feed(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let wait = WaitTime.parse(request.query("wait")) else {
            return .problem(400, "wait: send a time such as 10s or 500ms, or leave it out.")
        }
        var place: Endings.Place?
        if let feed = request.query("feed"), let next = request.query("from").flatMap({ Int64($0) })
        {
            place = Endings.Place(feed: feed, next: next)
        }
        let page = await endings.page(
            after: place,
            atMost: EndingsPage.ordersMax,
            wait: min(wait, Self.waitMax)
        )
        let orders = page.orders.isEmpty ? [] : try await store.look(page.orders)
        return .document(
            EndingsPage(
                feed: page.place.feed,
                next: page.place.next,
                isMissing: page.isMissing,
                orders: orders.map(\.document)
            ).json
        )
    }
}
