import CPostgres
import EventLoop

/// One prepared statement of a pipeline.
struct PipelinedStatement {
    var name: String
    var texts: ParameterTexts
}

extension ConnectionHandle {
    /// Sends prepared statements and one Sync, and returns a result for each statement.
    ///
    /// The first error is thrown when all results are read; the server skips what follows it up to
    /// the Sync (PostgreSQL, "Pipelining").
    func pipeline(
        _ statements: [PipelinedStatement],
        _ patience: Patience,
        _ stakes: Stakes
    ) async throws(PostgresError) -> [PostgresRows] {
        let pointer = unsafe try occupy(patience, stakes)
        defer { isBusy = false }
        guard unsafe PQenterPipelineMode(pointer) == 1 else {
            // Nothing was sent.
            throw lost(Stakes(lossIsDefinite: true, name: stakes.name))
        }
        for statement in statements {
            let isSent = unsafe statement.texts.withPointers { count, values in
                unsafe PQsendQueryPrepared(pointer, statement.name, count, values, nil, nil, 0)
            }
            guard isSent == 1 else { throw lost(stakes) }
        }
        guard unsafe PQpipelineSync(pointer) == 1 else { throw lost(stakes) }
        try await flush(patience, stakes)
        return try await collect(statements.count, patience, stakes)
    }

    private func collect(
        _ count: Int,
        _ patience: Patience,
        _ stakes: Stakes
    ) async throws(PostgresError) -> [PostgresRows] {
        var reader = PipelineReader(count: count, stakes: stakes)
        while !reader.isFinished {
            while unsafe PQisBusy(try claim(lossIsDefinite: stakes.lossIsDefinite)) == 1 {
                try await pause(for: .readable, patience, stakes)
                unsafe _ = PQconsumeInput(try claim(lossIsDefinite: stakes.lossIsDefinite))
            }
            let pointer = unsafe try claim(lossIsDefinite: stakes.lossIsDefinite)
            if let result = unsafe PQgetResult(pointer) {
                unsafe reader.read(result)
                unsafe PQclear(result)
            } else {
                reader.endStatement()
            }
            if !isGood { break }
        }
        drainNotifications()
        guard isGood, let pointer = unsafe pointer, unsafe PQexitPipelineMode(pointer) == 1 else {
            close()
            return try reader.lost()
        }
        return try reader.outcome()
    }
}

/// Sorts the results of a pipeline to its statements.
struct PipelineReader {
    private let stakes: Stakes
    private let count: Int
    private var done: [PostgresRows] = []
    private var current: ResultReader
    private var error: PostgresError?
    /// Whether the Sync was answered.
    private(set) var isFinished = false

    init(count: Int, stakes: Stakes) {
        self.count = count
        self.stakes = stakes
        current = ResultReader(stakes: stakes)
    }

    mutating func read(_ result: OpaquePointer) {
        switch unsafe PQresultStatus(result) {
        case PGRES_PIPELINE_SYNC: isFinished = true
        case PGRES_PIPELINE_ABORTED: break
        default: unsafe current.read(result)
        }
    }

    /// All results of one statement are read.
    mutating func endStatement() {
        do { done.append(try current.outcome()) } catch { self.error = self.error ?? error }
        current = ResultReader(stakes: stakes)
    }

    func outcome() throws(PostgresError) -> [PostgresRows] {
        if let error { throw error }
        // An error that came with the Sync: the commit itself was refused.
        _ = try current.outcome()
        precondition(done.count == count, "a pipeline has a result for each statement")
        return done
    }

    /// What is known when the connection ended before the Sync was answered.
    func lost() throws(PostgresError) -> [PostgresRows] {
        var reason = "\(stakes.name): the connection was lost while it ran"
        do { _ = try current.outcome() } catch { reason = error.message }
        if let error { reason = error.message }
        throw PostgresError(.connection, reason, isDefinite: stakes.lossIsDefinite)
    }
}
