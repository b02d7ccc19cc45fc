package import JSON

/// What orders tells a gateway of the orders that ended: one page of one instance's feed.
///
/// ```
/// GET /endings?feed=NAME&from=17&wait=2s  ─▶  {"feed": NAME, "next": 19, "orders": […, …]}
/// ```
/// A reader who goes on with `feed` and `next` misses nothing, whatever answer was lost on the way.
/// Without them, with those of another process, or with a number that is long past, the page has
/// `"missed": true` and begins at the present: what ended before must be asked for by name.
package struct EndingsPage: Sendable, Equatable {
    /// The most orders on a page.
    package static let ordersMax = 500

    /// The feed's name; another one at each start of the process.
    package var feed: String
    /// The number of the first ending that is not on this page.
    package var next: Int64
    /// Whether endings may have come before this page that the reader was not told.
    package var isMissing: Bool
    /// The orders as `GET /orders/{id}` shows them.
    package var orders: [JSONValue]

    package init(feed: String, next: Int64, isMissing: Bool = false, orders: [JSONValue]) {
        self.feed = feed
        self.next = next
        self.isMissing = isMissing
        self.orders = orders
    }

    package var json: JSONValue {
        [
            "feed": .string(feed), "next": .integer(next), "missed": .bool(isMissing),
            "orders": .array(orders),
        ]
    }

    /// Reads a page; `nil` when it is none.
    package init?(json: JSONValue) {
        guard let feed = json["feed"]?.stringValue, let next = json["next"]?.integerValue,
            let orders = json["orders"]?.arrayValue
        else { return nil }
        self.init(feed: feed, next: next, isMissing: json["missed"] == true, orders: orders)
    }
}
