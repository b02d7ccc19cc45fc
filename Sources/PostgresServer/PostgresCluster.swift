import EventLoop
import LinuxSystem
import Postgres

/// What a cluster is to be: its name, place, databases and settings.
package struct ClusterRequest: Sendable {
    /// The name in `ps` and in the server's messages (`cluster_name`): `orders-db`.
    package var name: String
    /// A folder that must not exist yet unless `keepsData`; holds `data/` and `socket/` and goes
    /// with the cluster.
    package var directory: String
    /// The databases to make, at least one; the first takes the place of `postgres`.
    package var databases: [String]
    /// The TCP port on 127.0.0.1; `nil` chooses a free one.
    package var port: UInt16?
    /// The file that the server's log is appended to.
    package var log: String
    /// Whether to go on with the data of an earlier cluster in the folder, if there is one.
    package var keepsData = false
    /// The size of a file system of its own for the data (root); `nil`: the data lies where the
    /// folder does.
    package var diskBytes: Int64?
    package var settings = ClusterSettings()
    /// How long the server may take to answer.
    package var startTimeout: Duration = .seconds(30)

    /// Where PostgreSQL keeps its data.
    var dataDirectory: String { diskDirectory.map { $0 + "/data" } ?? directory + "/data" }

    /// Where the small file system is mounted; `nil`: there is none.
    var diskDirectory: String? { diskBytes.map { _ in directory + "/disk" } }

    package init(name: String, directory: String, databases: [String], log: String) {
        self.name = name
        self.directory = directory
        self.databases = databases
        self.log = log
    }
}

/// A PostgreSQL server that is our child, with a data folder of its own.
///
/// Confined to the loop that started it (therefore `@unchecked Sendable`).
package final class PostgresCluster: @unchecked Sendable {
    package let request: ClusterRequest
    /// The TCP port on 127.0.0.1.
    package internal(set) var port: UInt16
    /// The superuser's password over TCP; random, made for this cluster.
    package let password: String
    /// The running server; replaced by `restart`.
    package internal(set) var process: ManagedProcess

    let binaries: PostgresBinaries
    let account: ServerAccount

    init(
        request: ClusterRequest,
        port: UInt16,
        process: ManagedProcess,
        binaries: PostgresBinaries,
        account: ServerAccount
    ) {
        self.request = request
        self.port = port
        self.process = process
        self.binaries = binaries
        self.account = account
        var random = SystemRandomNumberGenerator()
        password = String(random.next(), radix: 36) + String(random.next(), radix: 36)
    }

    var dataDirectory: String { request.dataDirectory }
    /// Only its owner (and root) can enter: over the socket the server trusts.
    package var socketDirectory: String { request.directory + "/socket" }

    /// A connection string over the Unix socket: no password, never through a proxy.
    package func socketConninfo(database: String? = nil) -> String {
        "host=\(Self.quoted(socketDirectory)) port=\(port) user=\(ClusterSettings.superuser) "
            + "dbname=\(Self.quoted(database ?? request.databases[0])) sslmode=disable"
    }

    /// A connection string over TCP, with the password; `host` and `port` may be a proxy's.
    package func conninfo(
        database: String? = nil,
        host: String = "127.0.0.1",
        port: UInt16? = nil
    ) -> String {
        "host=\(host) port=\(port ?? self.port) user=\(ClusterSettings.superuser) "
            + "password=\(password) dbname=\(Self.quoted(database ?? request.databases[0])) "
            + "sslmode=disable"
    }

    /// A value in libpq's connection string syntax.
    static func quoted(_ value: String) -> String {
        let escaped = value.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        return "'\(escaped)'"
    }

    /// Ends the server: fast (open transactions are rolled back), then immediate, then SIGKILL.
    package func stop() async {
        let interrupt: Int32 = 2
        let quit: Int32 = 3
        await process.stop([(interrupt, .seconds(10)), (quit, .seconds(5))])
    }

    /// Stops the server and removes its folder.
    package func remove() async throws {
        await stop()
        try SmallFileSystem.removeTree(request.directory)
    }
}
