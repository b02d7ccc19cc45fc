import EventLoop
import PostgresServer
import Testing

@testable import Postgres

/// What the tests of this target share: a loop of their own and the process's cluster.
enum Fixture {
    static let loop: Loop = {
        do { return try Loop.start(label: "postgres-tests") } catch { fatalError("\(error)") }
    }()

    /// Runs a test's body on the loop, where connections live.
    static func onLoop<T: Sendable>(
        _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        try await loop.spawn(body).value
    }

    /// Runs a test's body on the loop with a connection to an empty database.
    static func withConnection<T: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection, SharedCluster.Database) async throws -> T
    ) async throws -> T {
        let database = try await SharedCluster.instance().database()
        return try await onLoop {
            let connection = try await PostgresConnection.connect(database.socketConninfo)
            defer { connection.close() }
            return try await body(connection, database)
        }
    }

    /// The error that a body throws; records an issue when it throws none, or another one.
    static func postgresError<T>(
        _ body: () async throws -> T,
        location: SourceLocation = #_sourceLocation
    ) async -> PostgresError? {
        do {
            _ = try await body()
            Issue.record("nothing was thrown", sourceLocation: location)
        } catch let error as PostgresError {
            return error
        } catch {
            Issue.record(error, sourceLocation: location)
        }
        return nil
    }
}

extension Fixture {
    /// The PostgreSQL error that a body throws, if it throws one.
    static func optionalError<T>(_ body: () async throws -> T) async -> PostgresError? {
        do { _ = try await body() } catch { return error as? PostgresError }
        return nil
    }
}
