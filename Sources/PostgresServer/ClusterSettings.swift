/// What kind of cluster is made: server settings and the arguments of `initdb`.
package struct ClusterSettings: Sendable, Hashable {
    /// Server settings (`name=value`); later ones win.
    ///
    /// The defaults suit five clusters on two cores.
    package var values: [Setting] = [
        Setting("shared_buffers", "64MB"),
        Setting("max_connections", "50"),
        Setting("superuser_reserved_connections", "3"),
        Setting("autovacuum_max_workers", "1"),
        Setting("autovacuum_naptime", "30s"),
        Setting("min_wal_size", "16MB"),
        // Each checkpoint is followed by an image of every page that is written first after it.
        Setting("max_wal_size", "512MB"),
        Setting("checkpoint_timeout", "15min"),
        Setting("max_wal_senders", "0"),
        Setting("wal_level", "minimal"),
        Setting("max_worker_processes", "2"),
        Setting("max_parallel_workers_per_gather", "0"),
        Setting("jit", "off"),
        Setting("fsync", "on"),
        Setting("full_page_writes", "on"),
        Setting("synchronous_commit", "on"),
        Setting("log_line_prefix", "%m [%p] %a "),
        Setting("logging_collector", "off"),
        Setting("timezone", "UTC"),
        Setting("log_timezone", "UTC"),
    ]

    /// One setting of `postgresql.conf`.
    package struct Setting: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init() {}

    /// The arguments of `postgres` for these settings.
    var arguments: [String] { values.flatMap { ["-c", "\($0.name)=\($0.value)"] } }

    /// The superuser of every cluster.
    package static let superuser = "chaos"

    /// How every data folder is made; part of the template's name, so that a change makes a new
    /// one.
    static let initdbArguments = [
        "--username=\(superuser)", "--auth-local=trust", "--auth-host=scram-sha-256",
        "--encoding=UTF8", "--locale=C", "--wal-segsize=4", "--no-sync", "--no-instructions",
    ]
}
