package import HTTP
import JSON
import Postgres

/// What a service knows of orders, for whoever compares: rows by order, a page at a time.
///
/// ```
/// GET /statement?after=ID&until=ID&limit=250   those of the orders behind one, up to another
/// GET /statement?orders=ID,ID,…                those of these orders
/// ─▶ {"rows": [{"order": ID, …}, …]}
/// ```
/// Orders' numbers begin with the time, so a page is a stretch of an index.
package struct StatementDesk: Sendable {
    /// The number before all orders.
    package static let first = "00000000-0000-0000-0000-000000000000"
    /// The number behind all orders.
    package static let last = "ffffffff-ffff-ffff-ffff-ffffffffffff"
    /// The most rows of a page, and the most orders that are asked for by number.
    package static let rowsMax = 500
    private static let idsMax = 200

    private let pool: PostgresPool
    private let page: String
    private let named: String
    private let stamp: @Sendable (HTTPResponse) -> HTTPResponse

    /// A desk over one table: its column with the order's number, and the other members of a row
    /// as pairs for `json_build_object`.
    ///
    /// `stamp` may add header fields to each answer.
    package init(
        _ context: ServiceContext,
        table: String,
        order: String = "order_id",
        members: String,
        stamp: @escaping @Sendable (HTTPResponse) -> HTTPResponse = { $0 }
    ) {
        pool = context.pool
        self.stamp = stamp
        let select = """
            SELECT json_build_object('order', t.\(order), \(members))::text AS row
            FROM \(table) AS t
            """
        page = """
            \(select) WHERE t.\(order) > $1::uuid AND t.\(order) <= $2::uuid
            ORDER BY t.\(order) LIMIT $3::int
            """
        named = "\(select) WHERE t.\(order) = ANY ($1::uuid[]) ORDER BY t.\(order)"
    }

    package var route: Route {
        Route("GET", "/statement") { request, _ in stamp(try await answer(request)) }
    }

    private func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
        if let text = request.query("orders") {
            let ids = text.split(separator: ",").map(String.init)
            guard (1...Self.idsMax).contains(ids.count), ids.allSatisfy({ UUIDText.isValid($0) })
            else {
                return .problem(400, "orders: send 1 to \(Self.idsMax) numbers with commas.")
            }
            return try await rows(named, [.strings(ids)])
        }
        guard let after = request.query("after"), let until = request.query("until"),
            UUIDText.isValid(after), UUIDText.isValid(until),
            let limit = request.query("limit").flatMap({ Int($0) }),
            (1...Self.rowsMax).contains(limit)
        else {
            return .problem(
                400,
                "Send after and until, numbers of orders, and limit from 1 to \(Self.rowsMax); "
                    + "or orders, their numbers with commas."
            )
        }
        return try await rows(page, [.string(after), .string(until), .int(Int64(limit))])
    }

    private func rows(_ sql: String, _ parameters: [PostgresValue?]) async throws -> HTTPResponse {
        let rows = try await pool.query(
            sql,
            parameters,
            timeout: ServiceContext.databasePatience
        )
        // The rows are JSON already: put together, not read.
        var body = Array(#"{"rows":["#.utf8)
        for (index, row) in rows.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: try row.string("row").utf8)
        }
        body.append(contentsOf: "]}".utf8)
        return .json(body)
    }
}
