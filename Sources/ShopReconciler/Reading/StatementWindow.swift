import JSON
import ShopCore

/// The services whose statements are compared.
enum StatementSource: CaseIterable, Sendable {
    case orders, payments, inventory, processor, projector

    var role: ShopRole {
        switch self {
        case .orders: .orders
        case .payments: .payments
        case .inventory: .inventory
        case .processor: .processor
        case .projector: .projector
        }
    }
}

/// One page of each statement, merged by order; a value.
///
/// Each page has what is behind the same number, in order, and may be cut off. What is compared
/// ends where the first of them was cut off: up to there all of them are complete.
struct StatementWindow: Sendable, Equatable {
    /// One service's page.
    struct Page: Sendable, Equatable {
        /// By order.
        var rows: [JSONValue]
        /// Whether there may be more behind it.
        var isFull: Bool

        /// Up to which order the page has all rows; `nil`: up to its end.
        ///
        /// The last order's rows may go on behind the page, unless the page has none but them.
        var complete: String? {
            guard isFull, let last = rows.last.map(Self.order) else { return nil }
            return rows.last { Self.order($0) != last }.map(Self.order) ?? last
        }

        static func order(_ row: JSONValue) -> String { row["order"]?.stringValue ?? "" }
    }

    /// By number.
    private(set) var orders: [OrderFacts] = []
    /// Up to which number everything is in here.
    private(set) var end: String
    /// Whether there may be more before `until`.
    private(set) var isFull = false

    /// Merges pages that have what is up to `until`.
    init(_ pages: [StatementSource: Page], until: String) {
        end = until
        for page in pages.values {
            guard let complete = page.complete else { continue }
            end = min(end, complete)
            isFull = true
        }
        var facts: [String: OrderFacts] = [:]
        for source in StatementSource.allCases {
            for row in pages[source]?.rows ?? [] {
                let id = Page.order(row)
                guard !id.isEmpty, id <= end else { continue }
                facts[id, default: OrderFacts(id: id)].take(row, of: source)
            }
        }
        orders = facts.values.sorted { $0.id < $1.id }
    }
}
