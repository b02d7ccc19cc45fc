import EventLoop
import LinuxSystem
import Postgres

extension PostgresCluster {
    /// `sun_path` has 108 bytes, the last of which is NUL (unix(7)).
    static let socketPathMax = 107
    /// How often a port that somebody else took meanwhile is replaced.
    static let portTriesMax = 5

    /// Makes the template of all clusters if it is missing: worth doing before several start at
    /// once.
    ///
    /// Throws `PostgresServerError`.
    package static func prepareTemplate(
        binaries: PostgresBinaries,
        account: ServerAccount
    ) async throws {
        _ = try await template(binaries, account).ready()
    }

    private static func template(
        _ binaries: PostgresBinaries,
        _ account: ServerAccount
    ) -> ClusterTemplate {
        ClusterTemplate(
            binaries: binaries,
            account: account,
            cache: ClusterTemplate.cacheFolder(account)
        )
    }

    /// Makes a cluster, starts its server and makes the databases; ready when it returns.
    ///
    /// On failure nothing is left but the log, and data that was there before.
    /// Throws `PostgresServerError`.
    package static func start(
        _ request: ClusterRequest,
        binaries: PostgresBinaries,
        account: ServerAccount
    ) async throws -> PostgresCluster {
        precondition(!request.databases.isEmpty, "a cluster without a database")
        let longest = request.directory + "/socket/.s.PGSQL.65535"
        guard longest.utf8.count <= socketPathMax else {
            throw PostgresServerError(
                .place,
                "the socket path \(longest) has more than \(socketPathMax) bytes. Use a shorter "
                    + "folder (CHAOS_STATE_DIR)."
            )
        }
        let isKept =
            request.keepsData && SystemFiles.exists(request.dataDirectory + "/PG_VERSION")
        try SystemFiles.createDirectory(request.directory, mode: 0o755, parents: true)
        do {
            try account.own(request.directory)
            if !isKept {
                if let disk = request.diskDirectory, let bytes = request.diskBytes {
                    try SmallFileSystem.make(on: disk, bytes: bytes)
                    try account.own(disk)
                }
                try await template(binaries, account).copy(to: request.dataDirectory)
            }
            let socket = request.directory + "/socket"
            try SystemFiles.removeTree(socket)
            try SystemFiles.createDirectory(socket, mode: 0o700, parents: false)
            try account.own(socket)
            return try await launch(request, binaries, account)
        } catch {
            if !isKept { try? SmallFileSystem.removeTree(request.directory) }
            throw error
        }
    }

    /// Starts the server again on the same data and port after it ended.
    package func restart() async throws {
        let command = Self.command(request, port, binaries, account)
        process = try ManagedProcess.start(command)
        try await answer()
    }

    private static func launch(
        _ request: ClusterRequest,
        _ binaries: PostgresBinaries,
        _ account: ServerAccount
    ) async throws -> PostgresCluster {
        for attempt in 1... {
            let port = try request.port ?? PortChoice.free(1)[0]
            let command = command(request, port, binaries, account)
            let cluster = PostgresCluster(
                request: request,
                port: port,
                process: try ManagedProcess.start(command),
                binaries: binaries,
                account: account
            )
            do {
                try await cluster.answer()
                try await cluster.furnish()
                return cluster
            } catch {
                await cluster.stop()
                let isTaken = LogTail.read(request.log).contains("Address already in use")
                guard isTaken, request.port == nil, attempt < portTriesMax else { throw error }
            }
        }
        preconditionFailure("the loop above returns or throws")
    }

    private static func command(
        _ request: ClusterRequest,
        _ port: UInt16,
        _ binaries: PostgresBinaries,
        _ account: ServerAccount
    ) -> SpawnRequest {
        let fixed = [
            "-D", request.dataDirectory,
            "-c", "cluster_name=\(request.name)",
            "-c", "listen_addresses=127.0.0.1",
            "-c", "port=\(port)",
            "-c", "unix_socket_directories=\(request.directory)/socket",
        ]
        // The log must not fill a small file system by itself.
        let small = request.diskBytes == nil ? [] : ["-c", "max_wal_size=128MB"]
        var command = SpawnRequest(
            executable: binaries.postgres,
            arguments: request.settings.arguments + small + fixed
        )
        command.user = account.identity.map { (uid: $0.user, gid: $0.group) }
        command.directory = "/"
        command.stdin = .null
        command.stdout = .file(request.log, append: true)
        command.stderr = .file(request.log, append: true)
        command.dieWithParent = true
        // SIGQUIT is an immediate shutdown, which removes the shared memory; SIGKILL would not.
        command.deathSignal = 3
        return command
    }

    /// Waits until the server answers a statement; throws when it ends or takes too long.
    private func answer() async throws {
        let end = Loop.monotonicNanoseconds() + request.startTimeout.nanosecondsClamped
        while true {
            do {
                let connection = try await PostgresConnection.connect(
                    socketConninfo(database: "template1"),
                    timeout: .seconds(5)
                )
                try await connection.query("SELECT 1")
                connection.close()
                return
            } catch {
                if let status = process.status {
                    throw PostgresServerError(
                        .program,
                        "\(request.name): postgres ended with \(status) while starting. "
                            + "See \(request.log).",
                        log: LogTail.read(request.log)
                    )
                }
                guard Loop.monotonicNanoseconds() < end else {
                    throw PostgresServerError(
                        .timeout,
                        "\(request.name): postgres did not answer within "
                            + "\(request.startTimeout): \(error.message). See \(request.log).",
                        log: LogTail.read(request.log)
                    )
                }
            }
            try await Loop.current?.sleep(for: .milliseconds(15))
        }
    }

    /// Sets the password and makes the databases; renaming `postgres` is faster than copying it.
    private func furnish() async throws {
        let connection = try await PostgresConnection.connect(
            socketConninfo(database: "template1")
        )
        defer { connection.close() }
        let user = ClusterSettings.superuser
        try await connection.simple("ALTER ROLE \(user) PASSWORD '\(password)'")
        let names = request.databases.map { PostgresConnection.quoted(identifier: $0) }
        let known = try await connection.query("SELECT datname FROM pg_database").map {
            row throws in
            try row.string("datname")
        }
        // Data that was kept has them.
        guard !known.contains(request.databases[0]) else { return }
        if request.databases[0] != "postgres" {
            try await connection.simple("ALTER DATABASE postgres RENAME TO \(names[0])")
        }
        for name in names.dropFirst() {
            try await connection.simple("CREATE DATABASE \(name)", timeout: .seconds(30))
        }
    }
}
