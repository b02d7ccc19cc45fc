import EventLoop
import LinuxSystem
package import PostgresServer
package import RabbitMQ

/// What a RabbitMQ is to be.
package struct RabbitRequest: Sendable {
    /// A folder for everything; it goes with the cluster.
    package var directory: String
    /// The files that the nodes' logs are appended to, one for each node: 1 or 3.
    package var logs: [String]
    /// Whether to go on with the data of an earlier cluster in the folder, if there is one.
    package var keepsData = false
    /// How long the nodes may take to answer.
    package var startTimeout: Duration = .seconds(80)

    package init(directory: String, logs: [String]) {
        self.directory = directory
        self.logs = logs
    }
}

/// One RabbitMQ server or a cluster of several, all our children, with folders of their own.
///
/// Confined to the loop that started it (therefore `@unchecked Sendable`).
package final class RabbitCluster: @unchecked Sendable {
    /// The only user.
    static let user = "chaos"
    /// How often ports are chosen: a node binds seconds later, and somebody may have been faster.
    private static let attemptsMax = 3
    /// How long epmd may take to listen.
    private static let namesPatience: Duration = .seconds(10)

    let request: RabbitRequest
    let binaries: RabbitBinaries
    let account: ServerAccount
    let nodes: [RabbitNode]
    /// Replaced by `restart`.
    package private(set) var epmd: ManagedProcess
    /// By the index of the node; replaced by `restart`.
    package private(set) var processes: [ManagedProcess] = []

    /// Where clients find the nodes, in their order.
    package var endpoints: [RabbitEndpoint] {
        nodes.map {
            RabbitEndpoint(
                host: "127.0.0.1",
                port: $0.port,
                user: Self.user,
                password: $0.password
            )
        }
    }

    /// Starts the nodes; ready when it returns.
    ///
    /// `onStart` learns of the processes before they are waited for, and of others when somebody
    /// was faster at a port. On failure nothing is left but logs. Throws `RabbitServerError`, or
    /// `SystemError` for files.
    package static func start(
        _ request: RabbitRequest,
        binaries: RabbitBinaries,
        account: ServerAccount,
        onStart: (RabbitCluster) throws -> Void = { _ in }
    ) async throws -> RabbitCluster {
        var attempts = 1
        while true {
            do {
                return try await attempt(request, binaries, account, onStart)
            } catch let error as RabbitServerError
                where error.isOfPorts && attempts < Self.attemptsMax
            {
                attempts += 1
            }
        }
    }

    private static func attempt(
        _ request: RabbitRequest,
        _ binaries: RabbitBinaries,
        _ account: ServerAccount,
        _ onStart: (RabbitCluster) throws -> Void
    ) async throws -> RabbitCluster {
        let isKept = request.keepsData && SystemFiles.exists(request.directory + "/password")
        do {
            if !isKept { try SystemFiles.removeTree(request.directory) }
            let nodes = try prepare(request, account, isKept: isKept)
            let cluster = try RabbitCluster(request, binaries, account, nodes)
            do {
                try await cluster.boot(onStart)
                return cluster
            } catch {
                await cluster.stop(keepsData: false)
                throw error
            }
        } catch {
            if !isKept { try? SystemFiles.removeTree(request.directory) }
            throw error
        }
    }

    private init(
        _ request: RabbitRequest,
        _ binaries: RabbitBinaries,
        _ account: ServerAccount,
        _ nodes: [RabbitNode]
    ) throws {
        self.request = request
        self.binaries = binaries
        self.account = account
        self.nodes = nodes
        epmd = try ManagedProcess.start(nodes[0].epmdCommand(binaries, account))
    }

    /// Starts a node again, on its data and ports, after it ended.
    package func restart(_ index: Int) async throws {
        try restartNames()
        try await names()
        processes[index] = try ManagedProcess.start(nodes[index].command(binaries, account))
        try await answer(index)
    }

    /// Starts epmd again if it ended; the nodes find it by themselves.
    package func restartNames() throws {
        guard epmd.status != nil else { return }
        epmd = try ManagedProcess.start(nodes[0].epmdCommand(binaries, account))
    }

    /// Waits until epmd takes connections: a node that comes before it would have no name.
    private func names() async throws {
        let end = Loop.monotonicNanoseconds() + Self.namesPatience.nanosecondsClamped
        while true {
            do {
                let address = SocketAddress.ipv4("127.0.0.1", nodes[0].epmdPort)
                try await Stream.connect(to: address, timeout: .seconds(1)).close()
                return
            } catch let error as SystemError {
                guard epmd.status == nil, Loop.monotonicNanoseconds() < end else {
                    throw RabbitServerError(
                        .program,
                        "epmd does not answer on 127.0.0.1:\(nodes[0].epmdPort): \(error) See "
                            + "\(nodes[0].log)."
                    )
                }
            }
            try await Loop.current?.sleep(for: .milliseconds(10))
        }
    }

    /// Ends everything: at once, or in order where the data is to be used again.
    package func stop(keepsData: Bool) async {
        let terminate: [(number: Int32, patience: Duration)] = keepsData ? [(15, .seconds(15))] : []
        await withTaskGroup(of: Void.self) { group in
            for process in processes { group.addTask { await process.stop(terminate) } }
        }
        await epmd.stop([])
    }

    /// Ends the nodes at once and removes their folder.
    package func remove() async throws {
        await stop(keepsData: false)
        try SystemFiles.removeTree(request.directory)
    }
}

// Starting.
extension RabbitCluster {
    /// Makes the folders and files of all nodes.
    private static func prepare(
        _ request: RabbitRequest,
        _ account: ServerAccount,
        isKept: Bool
    ) throws -> [RabbitNode] {
        let count = request.logs.count
        let ports = try PortChoice.free(1 + 2 * count)
        try SystemFiles.createDirectory(request.directory, mode: 0o755, parents: true)
        let secret = request.directory + "/password"
        if !isKept {
            var random = SystemRandomNumberGenerator()
            let password = String(random.next(), radix: 36) + String(random.next(), radix: 36)
            try SystemFiles.writeAtomically(secret, Array(password.utf8), mode: 0o600)
        }
        let password = String(decoding: try SystemFiles.read(secret), as: UTF8.self)
        return try (0..<count).map { index in
            let node = RabbitNode(
                number: index + 1,
                cluster: request.directory,
                count: count,
                port: ports[1 + 2 * index],
                distributionPort: ports[2 + 2 * index],
                epmdPort: ports[0],
                log: request.logs[index],
                user: user,
                password: password
            )
            try SystemFiles.createDirectory(node.directory, mode: 0o700, parents: true)
            let files: [(name: String, text: String, mode: UInt32)] = [
                ("rabbitmq.conf", node.configuration, 0o600),
                ("enabled_plugins", "[].\n", 0o600),
                // Who knows the cookie may do everything; the file's mode is checked by Erlang.
                (".erlang.cookie", password, 0o400),
            ]
            for file in files {
                let path = "\(node.directory)/\(file.name)"
                try SystemFiles.writeAtomically(path, Array(file.text.utf8), mode: file.mode)
                try account.own(path)
            }
            try account.own(node.directory)
            return node
        }
    }

    private func boot(_ onStart: (RabbitCluster) throws -> Void) async throws {
        try await names()
        for node in nodes {
            processes.append(try ManagedProcess.start(node.command(binaries, account)))
        }
        try onStart(self)
        for index in nodes.indices { try await answer(index) }
        guard nodes.count > 1 else { return }
        try await agree()
    }

    /// Waits until somebody can log in; throws when the node ends or takes too long.
    private func answer(_ index: Int) async throws {
        let end = Loop.monotonicNanoseconds() + request.startTimeout.nanosecondsClamped
        let name = RabbitNode.name(nodes[index].number)
        while true {
            do {
                return try await RabbitConnection.open(endpoints[index]).close()
            } catch {
                let log = LogTail.read(nodes[index].log)
                if let status = processes[index].status {
                    throw RabbitServerError(
                        .program,
                        "\(name) ended with \(status) while starting. See \(nodes[index].log).",
                        log: log
                    )
                }
                guard Loop.monotonicNanoseconds() < end else {
                    throw RabbitServerError(
                        .timeout,
                        "\(name) did not answer within \(request.startTimeout): \(error) See "
                            + "\(nodes[index].log).",
                        log: log
                    )
                }
            }
            try await Loop.current?.sleep(for: .milliseconds(100))
        }
    }

    /// Waits until what the first node is told is known to all: they are one cluster.
    private func agree() async throws {
        let end = Loop.monotonicNanoseconds() + request.startTimeout.nanosecondsClamped
        for index in nodes.indices {
            while true {
                do {
                    try await mark(index)
                    break
                } catch {
                    guard Loop.monotonicNanoseconds() < end else {
                        throw RabbitServerError(
                            .timeout,
                            "\(RabbitNode.name(index + 1)) did not join the cluster within "
                                + "\(request.startTimeout): \(error) See \(nodes[index].log).",
                            log: LogTail.read(nodes[index].log)
                        )
                    }
                }
                try await Loop.current?.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Makes an exchange at the first node, and uses it at the others.
    private func mark(_ index: Int) async throws {
        let name = "chaos.agreed"
        let connection = try await RabbitConnection.open(endpoints[index])
        do {
            try await connection.withChannel { channel throws(RabbitError) in
                if index == 0 { try channel.exchange(name, kind: "fanout") }
                try channel.bind(exchange: name, to: "amq.fanout")
            }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }
}
