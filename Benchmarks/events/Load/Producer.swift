import EventLoop
import Postgres

/// Writes messages into an outbox when they are due, whatever became of the ones before.
///
/// What is due is written together, in one transaction, as the shop's services do under load.
struct Producer {
    let conninfo: String
    /// Messages a second, evenly spaced.
    let rate: Double
    let count: Int

    static let accounts = 1000
    /// The most messages in one transaction.
    private static let batchMax = 1000
    /// The shortest rest between two transactions.
    private static let rest: Duration = .milliseconds(2)

    private static let insert = """
        INSERT INTO event_outbox (key, type, payload)
        SELECT key, 'entry', payload::json FROM unnest($1::text[], $2::text[]) AS m(key, payload)
        """

    /// A line for each account: its number, how many messages were sent, and the sum of their
    /// cents.
    func run() async throws -> String {
        guard let loop = Loop.current else { preconditionFailure("a producer runs on a loop") }
        loop.sharpenTimers()
        let connection = try await PostgresConnection.connect(conninfo)
        defer { connection.close() }
        var sums = [(count: Int, cents: Int)](repeating: (0, 0), count: Self.accounts)
        let begin = Loop.monotonicNanoseconds()
        var next = 0
        while next < count {
            let elapsed = Double(Loop.monotonicNanoseconds() - begin) / 1e9
            let due = min(count, Int(elapsed * rate), next + Self.batchMax)
            guard due > next else {
                try await loop.sleep(for: Self.rest)
                continue
            }
            let messages = (next..<due).map { Entry(number: $0, planned: planned($0, begin)) }
            for message in messages {
                sums[message.account].count += 1
                sums[message.account].cents += message.cents
            }
            try await connection.query(
                Self.insert,
                [.strings(messages.map(\.key)), .strings(messages.map(\.payload))]
            )
            next = due
            if messages.count < Self.batchMax { try await loop.sleep(for: Self.rest) }
        }
        return sums.enumerated().map { "\($0) \($1.count) \($1.cents)\n" }.joined()
    }

    private func planned(_ number: Int, _ begin: Int64) -> Int64 {
        begin + Int64(Double(number) / rate * 1e9)
    }
}

/// A message: a sum for an account, and the moment at which it was due.
struct Entry {
    let number: Int
    /// Nanoseconds of `CLOCK_MONOTONIC`, which all processes of a machine share.
    let planned: Int64

    var account: Int { number &* 7919 % Producer.accounts }
    var cents: Int { 1 + number % 977 }
    var key: String { "account-\(account)" }

    /// About the size of the shop's own events.
    var payload: String {
        """
        {"planned":\(planned),"number":\(number),"account":\(account),"cents":\(cents),\
        "customer":"customer-\(account)","note":"an entry about as long as an event of the shop"}
        """
    }

    /// Reads the moment out of a payload of ours.
    static func planned(in payload: String) -> Int64 {
        var value: Int64 = 0
        for byte in payload.utf8.dropFirst(#"{"planned":"#.utf8.count) {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return value
    }
}
