import LinuxSystem
import PostgresServer

/// One server of a cluster: its names, files and settings; a value.
struct RabbitNode: Sendable, Hashable {
    /// 1, 2, 3.
    var number: Int
    /// Of the cluster; the node's own is `node-N` in it.
    var cluster: String
    /// How many nodes there are.
    var count: Int
    /// For clients.
    var port: UInt16
    /// For the other nodes.
    var distributionPort: UInt16
    var epmdPort: UInt16
    var log: String
    var user: String
    var password: String

    var directory: String { "\(cluster)/node-\(number)" }

    /// The name among Erlang machines.
    static func name(_ number: Int) -> String { "rabbit-\(number)@localhost" }

    /// `rabbitmq.conf`.
    ///
    /// A minority of a cut cluster pauses: it could not keep a promise.
    var configuration: String {
        var lines = [
            "listeners.tcp.1 = 127.0.0.1:\(port)",
            "default_user = \(user)",
            "default_pass = \(password)",
            "log.console = true",
            "log.console.level = info",
            "log.file = false",
            "disk_free_limit.absolute = 50MB",
            "raft.wal_max_size_bytes = 67108864",
            "cluster_partition_handling = pause_minority",
        ]
        if count > 1 {
            lines.append("cluster_formation.peer_discovery_backend = classic_config")
            for number in 1...count {
                lines.append(
                    "cluster_formation.classic_config.nodes.\(number) = \(Self.name(number))"
                )
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// How the node is started: the script becomes the Erlang machine and stays our child.
    func command(_ binaries: RabbitBinaries, _ account: ServerAccount) -> SpawnRequest {
        // The script leaves out a shell around the machine when it may read; the machine may not.
        var request = SpawnRequest(executable: binaries.server, arguments: ["-noinput"])
        request.environment = [
            "RABBITMQ_ALLOW_INPUT=1",
            "PATH=\(Environment.get("PATH") ?? "/usr/bin:/bin")",
            "LANG=C.UTF-8",
            "HOME=\(directory)",
            "ERL_EPMD_PORT=\(epmdPort)",
            "ERL_EPMD_ADDRESS=127.0.0.1",
            // Ours is there: a machine that missed it would leave a daemon of its own behind.
            "ERL_FLAGS=-start_epmd false",
            "ERL_CRASH_DUMP_SECONDS=0",
            "RABBITMQ_CONF_ENV_FILE=\(directory)/rabbitmq-env.conf",
            "RABBITMQ_NODENAME=\(Self.name(number))",
            "RABBITMQ_CONFIG_FILE=\(directory)/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE=\(directory)/advanced.config",
            "RABBITMQ_CONFIG_FILES=\(directory)/conf.d",
            "RABBITMQ_ENABLED_PLUGINS_FILE=\(directory)/enabled_plugins",
            "RABBITMQ_MNESIA_BASE=\(directory)/mnesia",
            "RABBITMQ_LOG_BASE=\(directory)/log",
            "RABBITMQ_GENERATED_CONFIG_DIR=\(directory)/generated",
            "RABBITMQ_PID_FILE=\(directory)/pid",
            "RABBITMQ_DIST_PORT=\(distributionPort)",
            // A node that hangs is noticed within 10 seconds by the others, not within a minute.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel net_ticktime 8 "
                + "-kernel inet_dist_use_interface {127,0,0,1}",
        ]
        return finish(request, account)
    }

    /// The daemon of this cluster's own.
    func epmdCommand(_ binaries: RabbitBinaries, _ account: ServerAccount) -> SpawnRequest {
        var request = SpawnRequest(
            executable: binaries.epmd,
            arguments: ["-port", "\(epmdPort)", "-address", "127.0.0.1"]
        )
        request.environment = ["HOME=\(directory)"]
        return finish(request, account)
    }

    private func finish(_ request: SpawnRequest, _ account: ServerAccount) -> SpawnRequest {
        var request = request
        request.user = account.identity.map { (uid: $0.user, gid: $0.group) }
        request.directory = directory
        request.stdin = .null
        request.stdout = .file(log, append: true)
        request.stderr = .file(log, append: true)
        request.dieWithParent = true
        return request
    }
}
