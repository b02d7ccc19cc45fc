import EventLoop
import LinuxSystem
import Postgres
import Testing

@testable import PostgresServer

@Suite(.timeLimit(.minutes(1))) struct PostgresClusterTests {
    static let loop: Loop = {
        do { return try Loop.start(label: "cluster-tests") } catch { fatalError("\(error)") }
    }()

    /// Runs a body on the loop with a folder that the server's account can reach.
    private func withFolder(
        _ body: @escaping @Sendable (String, ServerAccount) async throws -> Void
    ) async throws {
        try await Self.loop.spawn {
            let account = try ServerAccount.current()
            let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-cluster-")
            defer { try? SystemFiles.removeTree(folder) }
            try account.own(folder)
            try await body(folder, account)
        }.value
    }

    private func request(_ folder: String) -> ClusterRequest {
        ClusterRequest(
            name: "orders-db",
            directory: folder + "/cluster",
            databases: ["orders", "more"],
            log: folder + "/log"
        )
    }

    @Test func `a cluster serves, never as root, and leaves nothing behind`() async throws {
        try await withFolder { folder, account in
            let cluster = try await PostgresCluster.start(
                request(folder),
                binaries: try PostgresBinaries.find(),
                account: account
            )
            let pid = cluster.process.pid
            let connection = try await PostgresConnection.connect(cluster.conninfo())
            let rows = try await connection.query(
                "SELECT current_setting('cluster_name') AS name, current_database() AS base, "
                    + "current_setting('fsync') AS fsync"
            )
            #expect(try rows[0].string("name") == "orders-db")
            #expect(try rows[0].string("base") == "orders")
            #expect(try rows[0].string("fsync") == "on")
            connection.close()
            let second = try await PostgresConnection.connect(
                cluster.socketConninfo(database: "more")
            )
            second.close()
            let status = String(
                decoding: try SystemFiles.read("/proc/\(pid)/status"),
                as: UTF8.self
            )
            #expect(!status.contains("\nUid:\t0\t"))
            try await cluster.remove()
            #expect(!SystemFiles.exists("/proc/\(pid)"))
            #expect(!SystemFiles.exists(folder + "/cluster"))
            #expect(Self.sharedMemory(of: pid).isEmpty)
        }
    }

    @Test func `over TCP the password is asked for, and over the socket only the owner enters`()
        async throws
    {
        try await withFolder { folder, account in
            let cluster = try await PostgresCluster.start(
                request(folder),
                binaries: try PostgresBinaries.find(),
                account: account
            )
            let right = cluster.conninfo()
            for wrong in ["", "password=guess"] {
                let conninfo = right.replacing("password=\(cluster.password)", with: wrong)
                await #expect(throws: PostgresError.self) {
                    _ = try await PostgresConnection.connect(conninfo)
                }
            }
            #expect(cluster.password.count > 16)
            try await cluster.remove()
        }
    }

    @Test func `a killed server starts again with its data`() async throws {
        try await withFolder { folder, account in
            let cluster = try await PostgresCluster.start(
                request(folder),
                binaries: try PostgresBinaries.find(),
                account: account
            )
            let connection = try await PostgresConnection.connect(cluster.conninfo())
            try await connection.simple("CREATE TABLE t (a int); INSERT INTO t VALUES (7)")
            cluster.process.signal(9)
            #expect(try await cluster.process.wait() == .signalled(9))
            try await Self.restart(cluster)
            let again = try await PostgresConnection.connect(cluster.conninfo())
            #expect(try await again.query("SELECT a FROM t").count == 1)
            again.close()
            connection.close()
            try await cluster.remove()
        }
    }

    @Test func `a path too long for a socket is refused with a remedy`() async throws {
        try await withFolder { folder, account in
            let long = folder + "/" + String(repeating: "x", count: 80)
            let error = await #expect(throws: PostgresServerError.self) {
                _ = try await PostgresCluster.start(
                    request(long),
                    binaries: try PostgresBinaries.find(),
                    account: account
                )
            }
            #expect(error?.code == .place)
            #expect(!SystemFiles.exists(long))
        }
    }

    @Test func `a server that cannot start quotes its log and leaves nothing`() async throws {
        try await withFolder { folder, account in
            var request = request(folder)
            request.settings.values.append(.init("shared_buffers", "nonsense"))
            let wrong = request
            let error = await #expect(throws: PostgresServerError.self) {
                _ = try await PostgresCluster.start(
                    wrong,
                    binaries: try PostgresBinaries.find(),
                    account: account
                )
            }
            #expect(error?.code == .program)
            #expect(error?.log.contains("shared_buffers") == true)
            #expect(!SystemFiles.exists(folder + "/cluster"))
        }
    }

    @Test func `programs that are not there are reported with what to install`() {
        let error = #expect(throws: PostgresServerError.self) {
            _ = try PostgresBinaries.find(explicit: "/nowhere")
        }
        #expect(error?.code == .missing)
        #expect(error?.message.contains("apt-get install postgresql") == true)
    }

    @Test func `Debian's newest version comes first`() {
        let there = ["/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/17/bin"]
        #expect(PostgresBinaries.debianFolders { there.contains($0) } == there.reversed())
    }

    @Test func `a template's name changes with the version and the account`() {
        let name = ClusterTemplate.name(version: "15.13", account: "postgres")
        #expect(name.hasPrefix("pg-15.13-"))
        #expect(name != ClusterTemplate.name(version: "15.14", account: "postgres"))
        #expect(name != ClusterTemplate.name(version: "15.13", account: "you"))
    }

    /// After kill -9 the backends need a moment to notice; until then the shared memory is in use.
    private static func restart(_ cluster: PostgresCluster) async throws {
        while true {
            do { return try await cluster.restart() } catch let error as PostgresServerError {
                guard error.log.contains("still in use") else { throw error }
            }
        }
    }

    /// The System V segments that a process made (`/proc/sysvipc/shm`, column cpid).
    private static func sharedMemory(of pid: Int32) -> [Substring] {
        let bytes = (try? SystemFiles.read("/proc/sysvipc/shm")) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter {
            let fields = $0.split(separator: " ")
            return fields.count > 4 && fields[4] == "\(pid)"
        }
    }
}
