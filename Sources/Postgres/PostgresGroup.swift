import EventLoop

/// Runs the statements of many callers in few transactions: group commit.
///
/// ```
/// callers ──▶ queue ──▶ one transaction at a time, up to `most` statements in one round trip
///               ▲ whoever comes meanwhile waits for the next one
/// ```
/// Another connection is taken beside one that is late, so that one which hangs holds up nobody.
/// A statement that comes alone is sent at once and as always. When a group fails, which undoes all
/// of it, its statements run one by one, so each caller gets the answer that its own statement
/// deserves. When it is not known whether a group was committed, all its callers hear that.
/// Confined to the loop of its pool (therefore `@unchecked Sendable`).
package final class PostgresGroup: @unchecked Sendable {
    private struct Call {
        var statement: PostgresStatement
        var rank: String
        var patience: Patience
        /// When it came, in nanoseconds of `CLOCK_MONOTONIC`.
        var since: Int64
        var continuation: CheckedContinuation<Result<PostgresRows, any Error>, Never>
    }

    /// How long a transaction may hold up who comes after it.
    private static let lateNanoseconds: Int64 = 50_000_000

    private let pool: PostgresPool
    private let loop: Loop
    private let commit: BatchCommit
    private let most: Int
    private let lanesMax: Int
    private let waitersMax: Int
    private let timeout: Duration
    private var queue: [Call] = []
    /// When the transaction under way of each lane began.
    private var lanes: [Int: Int64] = [:]
    private var lanesOpened = 0
    private var isAlert = false

    /// Makes a group on the current loop; traps outside of one.
    ///
    /// - Parameters:
    ///   - pool: Lends the connections.
    ///   - commit: How a transaction is written; a statement that comes alone, too.
    ///   - most: How many statements one transaction may have.
    ///   - lanesMax: How many transactions there may be at once, when they are late.
    ///   - waitersMax: How many callers may wait; further ones are refused at once.
    ///   - timeout: How long one transaction may take.
    package init(
        _ pool: PostgresPool,
        _ commit: BatchCommit = .implicit,
        most: Int = 64,
        lanesMax: Int = 8,
        waitersMax: Int = 4096,
        timeout: Duration = PostgresConnection.defaultTimeout
    ) {
        guard let loop = Loop.current else {
            preconditionFailure("a PostgresGroup is made outside of a loop")
        }
        self.pool = pool
        self.loop = loop
        self.commit = commit
        self.most = most
        self.lanesMax = lanesMax
        self.waitersMax = waitersMax
        self.timeout = timeout
    }

    /// Runs one statement that needs no other one in its transaction.
    ///
    /// - Parameters:
    ///   - sql: The statement.
    ///   - parameters: Its values.
    ///   - rank: Statements of a group run in this order, so that groups which lock the same rows
    ///     lock them in the same order.
    ///   - timeout: How long the caller waits for its turn.
    /// - Returns: The statement's own rows.
    /// - Throws: As `PostgresPool.query`; `.pool` when too many wait or the turn never came.
    @discardableResult
    package func query(
        _ sql: String,
        _ parameters: [PostgresValue?] = [],
        rank: String = "",
        timeout: Duration = PostgresConnection.defaultTimeout
    ) async throws -> PostgresRows {
        precondition(loop.isCurrent, "a PostgresGroup is used outside of its loop")
        let statement = PostgresStatement(sql, parameters)
        let patience = Patience(timeout)
        let result: Result<PostgresRows, any Error> = await withCheckedContinuation {
            continuation in
            // The way here may have led through the loop's queue: only now is it known who waits.
            guard queue.count < waitersMax else {
                continuation.resume(returning: .failure(crowded))
                return
            }
            queue.append(
                Call(
                    statement: statement,
                    rank: rank,
                    patience: patience,
                    since: Loop.monotonicNanoseconds(),
                    continuation: continuation
                )
            )
            if lanes.isEmpty { openLane() } else { beAlert() }
        }
        return try result.get()
    }

    private var crowded: PostgresError {
        PostgresError(
            .pool,
            "\(waitersMax) callers wait for a transaction. Try again later.",
            isDefinite: true
        )
    }

    private func openLane() {
        lanesOpened += 1
        let lane = lanesOpened
        lanes[lane] = Loop.monotonicNanoseconds()
        // Owned by the group: it ends when the queue is empty, or another lane is in time.
        _ = loop.spawn { [self] in
            repeat { await runGroup(lane) } while !queue.isEmpty && lanes.values.allSatisfy(isLate)
            lanes[lane] = nil
            if !queue.isEmpty { beAlert() }
        }
    }

    private func isLate(_ since: Int64) -> Bool {
        Loop.monotonicNanoseconds() - since >= Self.lateNanoseconds
    }

    /// Looks in a moment whether somebody waits for a lane that is late.
    private func beAlert() {
        guard !isAlert else { return }
        isAlert = true
        _ = loop.after(.nanoseconds(Self.lateNanoseconds)) { [self] in
            isAlert = false
            guard let first = queue.first else { return }
            if isLate(first.since), lanes.count < lanesMax { openLane() }
            beAlert()
        }
    }

    private func runGroup(_ lane: Int) async {
        let calls = Array(queue.prefix(most))
        queue.removeFirst(calls.count)
        lanes[lane] = Loop.monotonicNanoseconds()
        await run(calls.filter(isInTime).sorted { $0.rank < $1.rank })
        lanes[lane] = 0
    }

    private func isInTime(_ call: Call) -> Bool {
        if call.patience.remaining > .zero { return true }
        let error = PostgresError(
            .pool,
            "the turn of a statement did not come in time. Try again later.",
            isDefinite: true
        )
        call.continuation.resume(returning: .failure(error))
        return false
    }

    private func run(_ calls: [Call]) async {
        guard calls.count > 1 else {
            for call in calls { await alone(call) }
            return
        }
        do {
            let results = try await pool.withConnection { connection in
                try await connection.batch(calls.map(\.statement), commit, timeout: timeout)
            }
            for (call, rows) in zip(calls, results) {
                call.continuation.resume(returning: .success(rows))
            }
        } catch let error as PostgresError where error.isDefinite && error.code != .pool {
            for call in calls { await alone(call) }
        } catch {
            for call in calls { call.continuation.resume(returning: .failure(error)) }
        }
    }

    private func alone(_ call: Call) async {
        let statement = call.statement
        do {
            let rows =
                switch commit {
                case .implicit:
                    try await pool.query(statement.sql, statement.parameters, timeout: timeout)
                case .explicit:
                    try await pool.transaction(timeout: timeout) { connection in
                        try await connection.query(
                            statement.sql,
                            statement.parameters,
                            timeout: timeout
                        )
                    }
                }
            call.continuation.resume(returning: .success(rows))
        } catch {
            call.continuation.resume(returning: .failure(error))
        }
    }
}
