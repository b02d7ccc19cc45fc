import CPostgres

/// How a batch of statements is one transaction.
package enum BatchCommit: Sendable {
    /// By the protocol: what stands before a Sync is one transaction.
    case implicit
    /// By a BEGIN and a COMMIT of its own, which whoever watches the connection can see.
    case explicit
}

extension PostgresConnection {
    /// Runs statements as one transaction in one round trip and returns the rows of each.
    ///
    /// Each statement sees what those before it did. Nothing of it remains when one fails; the
    /// error is that one's and definite. When the connection is lost or the time is over, the
    /// transaction may be committed or not. Takes as long as it takes when the task is cancelled.
    package func batch(
        _ statements: [PostgresStatement],
        _ commit: BatchCommit = .implicit,
        timeout: Duration = defaultTimeout
    ) async throws(PostgresError) -> [PostgresRows] {
        let patience = Patience(timeout, heedsCancellation: false)
        var pipeline: [PipelinedStatement] = []
        pipeline.reserveCapacity(statements.count + 2)
        let isExplicit = commit == .explicit
        if isExplicit { pipeline.append(try await pipelined(PostgresStatement("BEGIN"), patience)) }
        for statement in statements { pipeline.append(try await pipelined(statement, patience)) }
        if isExplicit {
            pipeline.append(try await pipelined(PostgresStatement("COMMIT"), patience))
        }
        var rows: [PostgresRows]
        do {
            rows = try await handle.pipeline(
                pipeline,
                patience,
                Stakes(lossIsDefinite: false, name: "batch")
            )
        } catch {
            await endFailed(error, statements)
            throw error
        }
        if isExplicit {
            rows.removeFirst()
            rows.removeLast()
        }
        return rows
    }

    /// Leaves the connection without an open transaction, and forgets plans that are outdated.
    private func endFailed(_ error: PostgresError, _ statements: [PostgresStatement]) async {
        guard handle.isGood else { return }
        if error.sqlState == "26000" || error.sqlState == "0A000" {
            for statement in statements { self.statements.forget(statement.sql, released: false) }
        }
        await rollBack(Self.defaultTimeout)
    }

    private func pipelined(
        _ statement: PostgresStatement,
        _ patience: Patience
    ) async throws(PostgresError) -> PipelinedStatement {
        PipelinedStatement(
            name: try await prepare(statement.sql, patience),
            texts: try ParameterTexts(statement.parameters)
        )
    }

    /// The name under which a statement is prepared, preparing it first when it is not.
    private func prepare(_ sql: String, _ patience: Patience) async throws(PostgresError) -> String
    {
        var decision = statements.use(sql)
        if decision == .unnamed { decision = statements.use(sql) }
        switch decision {
        case .prepared(let name): return name
        case .prepare(let name, let evicted):
            try await prepare(sql, as: name, evicting: evicted, patience)
            return name
        case .unnamed: preconditionFailure("a statement is prepared on its second use")
        }
    }
}
