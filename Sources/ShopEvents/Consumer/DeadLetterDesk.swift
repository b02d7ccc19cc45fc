import JSON
import Postgres
package import ShopCore

/// Where a person looks at events that could not be handled, and has them handled after all.
///
/// ```
/// GET  /dead-letters                the newest first
/// GET  /dead-letters/{id}           one, with its payload
/// POST /dead-letters/{id}/replay    handles it now, once; 409 with the reason when it still fails
/// ```
extension EventConsumer {
    /// The most dead letters in one answer.
    static let deadLettersMax = 200

    package var deadLetterRoutes: [Route] {
        [
            Route("GET", "/dead-letters") { [self] _, _ in
                let rows = try await ledger.deadLetters(atMost: Self.deadLettersMax)
                let letters = try rows.map { row throws in try Self.document(row) }
                return .document(["dead_letters": .array(letters)])
            },
            Route("GET", "/dead-letters/:id") { [self] _, parameters in
                guard let id = Int64(parameters[0]), let row = try await ledger.deadLetter(id)
                else {
                    return .problem(404, "There is no such dead letter.")
                }
                return .document(try Self.document(row))
            },
            Route("POST", "/dead-letters/:id/replay") { [self] _, parameters in
                guard let id = Int64(parameters[0]), try await ledger.deadLetter(id) != nil else {
                    return .problem(404, "There is no such dead letter.")
                }
                do {
                    return try await ledger.replay(id)
                        ? .document(["state": "replayed"])
                        : .problem(409, "The dead letter was replayed before.")
                } catch  where ConsumerLedger.isPermanent(error) {
                    return .problem(409, "It still cannot be handled: \(error)")
                }
            },
        ]
    }

    private static func document(_ row: PostgresRow) throws -> JSONValue {
        [
            "id": .integer(try row.int("id")),
            "event": .string(try row.string("message_id")),
            "topic": .string(try row.string("topic")),
            "partition": .integer(try row.int("partition")),
            "offset": .integer(try row.int("log_offset")),
            "key": .string(try row.string("key")),
            "type": .string(try row.string("type")),
            "version": .integer(try row.int("version")),
            "payload": .string(try row.string("payload")),
            "tries": .integer(try row.int("tries")),
            "reason": .string(try row.string("reason")),
            "parked_at": .string(try row.string("parked_at")),
            "replayed": .bool(try row.bool("is_replayed")),
        ]
    }
}
