import EventLoop
import HTTP
import JSON
import Postgres
import PostgresServer
import Testing

@testable import ChaosProxy

/// A link to a fresh database with a table `charges`, seen through the proxy and past it.
struct PostgresRig: Sendable {
    let proxy: ProxyRig
    let through: String
    /// Past the proxy: what the database holds.
    let direct: PostgresConnection

    /// Runs a test against a server of its own database.
    static func run(_ body: @escaping @Sendable (PostgresRig) async throws -> Void) async throws {
        try await ProxyRig.run { rig in
            let database = try await SharedCluster.instance().database()
            let server = try SocketAddress(parsing: "127.0.0.1:\(database.port)")
            let port = try #require(try await rig.proxy(to: server, protocol: "postgres").port)
            let through = database.conninfo.replacing(
                "port=\(database.port)",
                with: "port=\(port)"
            )
            let direct = try await PostgresConnection.connect(database.socketConninfo)
            defer { direct.close() }
            try await direct.simple("CREATE TABLE charges (id int PRIMARY KEY, word text)")
            try await body(PostgresRig(proxy: rig, through: through, direct: direct))
        }
    }

    func connect(_ options: String = "") async throws -> PostgresConnection {
        try await PostgresConnection.connect(through + options, timeout: .seconds(10))
    }

    /// Adds a toxic `t` that the proxy must take.
    func toxic(_ type: String, _ attributes: String = "{}", match: String? = nil) async throws {
        let matching = match.map { #","match":\#($0)"# } ?? ""
        try await proxy.toxic(
            #"{"type":"\#(type)","name":"t","attributes":\#(attributes)\#(matching)}"#
        )
    }

    func removeToxic() async throws {
        try await proxy.ask("DELETE", "/proxies/p/toxics/t")
    }

    /// The numbers of the charges that are committed.
    func charges() async throws -> [Int] {
        try await direct.query("SELECT id FROM charges ORDER BY id").map { Int(try $0.int("id")) }
    }

    /// Sessions of others on this database.
    func otherSessions() async throws -> Int {
        let sql =
            "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()"
            + " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        return Int(try await direct.query(sql)[0].int("n"))
    }

    func hits() async throws -> Int {
        Int(try await proxy.ask("GET", "/proxies/p/toxics/t")["hits"]?.integerValue ?? -1)
    }

    /// What is recorded of the first hit.
    func firing() async throws -> JSONValue {
        let answer = try await proxy.ask("GET", "/proxies/p/toxics/t/firings")
        return try #require(answer["firings"]?[0]?["detail"])
    }
}

/// The two ways in which a client runs statements.
enum Way: String, Sendable, CaseIterable {
    case simple, extended

    func run(_ sql: String, on client: PostgresConnection) async throws(PostgresError) {
        switch self {
        case .simple: try await client.simple(sql)
        case .extended: _ = try await client.query(sql)
        }
    }

    /// Runs a transaction of one INSERT; whether the client believes that it is committed.
    func charge(_ id: Int, on client: PostgresConnection) async -> PostgresError? {
        do throws(PostgresError) {
            try await run("BEGIN", on: client)
            try await run("INSERT INTO charges VALUES (\(id))", on: client)
            try await run("COMMIT", on: client)
            return nil
        } catch {
            return error
        }
    }
}
