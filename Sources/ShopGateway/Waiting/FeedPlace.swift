import ShopCore

/// How far a gateway has read one feed of endings; a value.
struct FeedPlace: Sendable, Equatable {
    private var feed: String?
    private var next: Int64 = 0

    init() {}

    /// What a request for the next page asks.
    var query: String { feed.map { "feed=\($0)&from=\(next)&" } ?? "" }

    /// Takes a page; whether endings may have come before it that were not told.
    ///
    /// It is so at the first page, when another process answers, and after a long absence.
    mutating func take(_ page: EndingsPage) -> Bool {
        let isMissing = page.isMissing || page.feed != feed
        feed = page.feed
        next = page.next
        return isMissing
    }
}
