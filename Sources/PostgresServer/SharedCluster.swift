import EventLoop
import LinuxSystem
import Postgres
import Synchronization

/// One cluster for a whole process, such as a test run; it and its folder go when the process does.
///
/// Callable from any thread: it lives on a loop of its own.
package final class SharedCluster: Sendable {
    private static let started = Mutex<Task<SharedCluster, any Error>?>(nil)

    private let loop: Loop
    private let cluster: PostgresCluster
    /// Holds the pipe whose end tells the sweeper that this process is gone.
    private let sweeper: ChildProcess
    private let count = Mutex(0)

    private init(loop: Loop, cluster: PostgresCluster, sweeper: ChildProcess) {
        self.loop = loop
        self.cluster = cluster
        self.sweeper = sweeper
    }

    /// The cluster, started by whoever asks first.
    package static func instance() async throws -> SharedCluster {
        let task = started.withLock { started in
            let task = started ?? Task { try await start() }
            started = task
            return task
        }
        return try await task.value
    }

    /// A database of the caller's own in the shared cluster.
    package struct Database: Sendable {
        /// Over the Unix socket.
        package var socketConninfo: String
        /// Over TCP, with the password.
        package var conninfo: String
        package var name: String
        package var port: UInt16
    }

    /// Makes an empty database.
    package func database() async throws -> Database {
        let number = count.withLock { count in
            count += 1
            return count
        }
        let name = "t\(number)"
        let cluster = cluster
        try await loop.spawn {
            let connection = try await PostgresConnection.connect(cluster.socketConninfo())
            defer { connection.close() }
            try await connection.simple(
                "CREATE DATABASE \(name)",
                timeout: .seconds(60)
            )
        }.value
        return Database(
            socketConninfo: cluster.socketConninfo(database: name),
            conninfo: cluster.conninfo(database: name),
            name: name,
            port: cluster.port
        )
    }

    private static func start() async throws -> SharedCluster {
        let loop = try Loop.start(label: "shared-postgres")
        return try await loop.spawn {
            let account = try ServerAccount.current()
            let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-pg-")
            try account.own(folder)
            let sweeper = try sweep(folder)
            let request = ClusterRequest(
                name: "shared",
                directory: folder + "/cluster",
                databases: ["shared"],
                log: folder + "/postgres.log"
            )
            let cluster = try await PostgresCluster.start(
                request,
                binaries: try PostgresBinaries.find(),
                account: account
            )
            return SharedCluster(loop: loop, cluster: cluster, sweeper: sweeper)
        }.value
    }

    /// Starts a shell that waits for our end, then for the server's, then removes the folder.
    private static func sweep(_ folder: String) throws -> ChildProcess {
        let script = """
            n=0
            while [ -e "$1/cluster/data/postmaster.pid" ] && [ $n -lt 200 ]
            do sleep 0.05; n=$((n + 1)); done
            rm -rf -- "$1"
            """
        return try FolderSweeper.start(folder, script)
    }
}
