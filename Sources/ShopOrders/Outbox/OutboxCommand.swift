import JSON
import Postgres
import ShopCore
import Telemetry

/// A command to another service: a row of the outbox that this process has claimed.
struct OutboxCommand: Sendable, Equatable {
    /// The row's number.
    var sequence: Int64
    /// The message's identity; the same for every delivery.
    var messageID: String
    var orderID: String
    var type: SagaCommand
    var order: OrderRequest
    /// How many deliveries were begun, this process's claim included: 1 is the first.
    var attempts: Int
    /// How long the order had existed when the command was claimed.
    var age: Duration
    /// Whether this process has delivered it before, with no certain answer.
    var isRetry = false
    /// The order's trace: every delivery belongs to it.
    var trace: TraceContext?

    /// The payload as it stands in the row.
    static func payload(_ order: OrderRequest) -> String { order.json.serialized() }
}

extension OutboxCommand {
    /// Reads a row with the columns of `OutboxStatements.claim`.
    ///
    /// - Throws: `PostgresError` or `RequestError` when the row is not one of ours.
    init(row: PostgresRow) throws {
        sequence = try row.int("sequence")
        messageID = try row.string("message_id")
        orderID = try row.string("order_id")
        guard let type = SagaCommand(rawValue: try row.string("type")) else {
            throw RequestError(problems: ["outbox row \(sequence) has an unknown type."])
        }
        self.type = type
        order = try OrderRequest(body: Array(try row.string("payload").utf8))
        attempts = Int(try row.int("attempts"))
        age = .milliseconds(try row.int("age_ms"))
        trace = try row.stringOrNil("trace").flatMap { TraceContext(stored: $0) }
    }
}
