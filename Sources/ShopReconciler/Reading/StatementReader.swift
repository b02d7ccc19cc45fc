import EventLoop
import HTTP
import JSON
import ShopCore

/// Asks all services for their statements; an answer that one of them does not give is an error,
/// but for the read model's, without which the others are compared.
struct StatementReader: Sendable {
    /// The most rows of a page.
    static let pageMax = 250
    /// The most orders that are asked for by number; a request's first line has no room for more.
    static let idsMax = 100
    /// How old the read model may be when it is compared, in milliseconds.
    static let staleMax: Int64 = 5000
    private static let patience: Duration = .seconds(5)

    private let peers: [StatementSource: Peer]

    init(_ context: ServiceContext, client: HTTPClient) {
        var peers: [StatementSource: Peer] = [:]
        for source in StatementSource.allCases
        where context.configuration.peers[source.role] != nil {
            peers[source] = context.peer(source.role, client: client, breaker: context.breaker())
        }
        self.peers = peers
    }

    /// What was read, and whether the read model had all events then.
    struct Reading: Sendable {
        var window: StatementWindow
        var isModelFresh: Bool
    }

    /// What the services know of the orders behind a number, up to another.
    func read(after: String, until: String) async throws -> Reading {
        let query = "after=\(after)&until=\(until)&limit=\(Self.pageMax)"
        return try await read(query, limit: Self.pageMax, until: until)
    }

    /// What the services know of some orders.
    func read(_ ids: [String]) async throws -> Reading {
        let query = "orders=" + ids.joined(separator: ",")
        return try await read(query, limit: .max, until: StatementDesk.last)
    }

    private func read(_ query: String, limit: Int, until: String) async throws -> Reading {
        var pages: [StatementSource: StatementWindow.Page] = [:]
        var isModelFresh = false
        for (source, peer) in peers {
            do {
                let answer = try await ask(peer, query)
                pages[source] = StatementWindow.Page(
                    rows: answer.rows,
                    isFull: answer.rows.count >= limit
                )
                guard source == .projector else { continue }
                isModelFresh = answer.age.map { $0 <= Self.staleMax } ?? false
            } catch  where source == .projector {
                // Without the read model the others can be compared as well.
            }
        }
        return Reading(
            window: StatementWindow(pages, until: until),
            isModelFresh: isModelFresh
        )
    }

    /// The rows of one service's statement, and how old they may be, in milliseconds.
    private func ask(
        _ peer: Peer,
        _ query: String
    ) async throws -> (rows: [JSONValue], age: Int64?) {
        let response = try await peer.request(
            "GET",
            "/statement?\(query)",
            headers: [:],
            body: [],
            timeout: Self.patience
        )
        guard let response, response.status == 200,
            let rows = try JSONValue.parse(response.body)["rows"]?.arrayValue
        else {
            let status = response.map { "\($0.status)" } ?? "nothing"
            throw ReadingError(description: "\(peer.role) answered \(status)")
        }
        return (rows, response.headers[ShopHeaders.staleness].flatMap { Int64($0) })
    }
}

/// A statement that was not read.
struct ReadingError: Error, CustomStringConvertible {
    var description: String
}
