import EventLoop
import LinuxSystem
import PostgresServer
package import RabbitMQ
import Synchronization

/// One RabbitMQ for a whole process, such as a test run; it and its folder go when the process
/// does.
///
/// Callable from any thread: it lives on a loop of its own.
package final class SharedRabbit: Sendable {
    private static let started = Mutex<[Int: Task<SharedRabbit, any Error>]>([:])

    private let loop: Loop
    private let cluster: RabbitCluster
    /// Holds the pipe whose end tells the sweeper that this process is gone.
    private let sweeper: ChildProcess

    private init(loop: Loop, cluster: RabbitCluster, sweeper: ChildProcess) {
        self.loop = loop
        self.cluster = cluster
        self.sweeper = sweeper
    }

    /// The cluster of so many nodes, started by whoever asks first.
    ///
    /// A node that an earlier test has left dead is started again.
    package static func instance(nodes: Int = 1) async throws -> SharedRabbit {
        let task = started.withLock { started in
            let task = started[nodes] ?? Task { try await start(nodes) }
            started[nodes] = task
            return task
        }
        let shared = try await task.value
        for index in 0..<nodes where try await shared.isDead(index) {
            try await shared.restart(index)
        }
        return shared
    }

    private func isDead(_ index: Int) async throws -> Bool {
        let cluster = cluster
        return try await loop.spawn { cluster.processes[index].status != nil }.value
    }

    package var endpoints: [RabbitEndpoint] { cluster.endpoints }

    /// Waits until queues that were declared just now survive `kill`.
    package func settle(_ queues: [String]) async throws {
        let cluster = cluster
        try await loop.spawn { try await cluster.settle(queues) }.value
    }

    /// Kills a node as a crash would (SIGKILL); returns when it is gone.
    package func kill(_ index: Int) async throws {
        let cluster = cluster
        try await loop.spawn { await cluster.processes[index].stop([]) }.value
    }

    /// Starts a node again; ready when it returns.
    package func restart(_ index: Int) async throws {
        let cluster = cluster
        try await loop.spawn { try await cluster.restart(index) }.value
    }

    private static func start(_ nodes: Int) async throws -> SharedRabbit {
        let loop = try Loop.start(label: "shared-rabbit")
        return try await loop.spawn {
            let account = try ServerAccount.current(preferring: "rabbitmq")
            let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-mq-")
            try SystemFiles.setMode(folder, 0o755)
            let sweeper = try sweep(folder)
            let logs = (1...nodes).map { "\(folder)/rabbit-\($0).log" }
            let cluster = try await RabbitCluster.start(
                RabbitRequest(directory: folder + "/cluster", logs: logs),
                binaries: try RabbitBinaries.find(),
                account: account
            )
            return SharedRabbit(loop: loop, cluster: cluster, sweeper: sweeper)
        }.value
    }

    /// Starts a shell that waits for our end and removes the folder; the servers die with us.
    private static func sweep(_ folder: String) throws -> ChildProcess {
        let script = """
            n=0
            until rm -rf -- "$1" 2>/dev/null || [ $n -gt 200 ]; do sleep 0.05; n=$((n + 1)); done
            """
        return try FolderSweeper.start(folder, script)
    }
}
