import ChaosModel
import EventLoop
import HTTP
import JSON
import LinuxSystem
import PostgresServer
import RabbitMQ
import RabbitMQServer
import ShopCore

/// The life of one shop: starts it in phases, keeps it alive, stops it in reverse order.
///
/// Pinned to the loop, so that PostgreSQL connections and processes can be used directly.
actor Supervision {
    /// A process of the shop.
    enum Member: Hashable, Sendable {
        case database(ShopDatabase)
        case proxy
        case service(ShopInstance)
        /// A server of RabbitMQ's: 1, 2, 3.
        case rabbit(Int)
        /// The daemon that tells RabbitMQ's servers each other's ports.
        case epmd

        /// The name in messages, logs and records.
        var name: String {
            switch self {
            case .database(let database): database.name
            case .proxy: "proxy"
            case .service(let instance): instance.name
            case .rabbit(let node): ShopTopology.rabbit(node)
            case .epmd: "epmd"
            }
        }

        var kind: ReadyProcess.Kind {
            switch self {
            case .database: .database
            case .proxy: .proxy
            case .service: .service
            case .rabbit, .epmd: .broker
            }
        }
    }

    nonisolated let loop: Loop
    let options: SupervisorOptions
    let places: ShopPlaces
    let mutants: [Mutant]
    let fleet: ShopFleet
    let account: ServerAccount
    let binaries: PostgresBinaries
    let health: HTTPClient
    private let progress: AppendFile?
    private let log: AppendFile
    private var isReporting = true
    /// Whether everything answered once: from then on the shop does not need its starter.
    private(set) var isReady = false
    /// Whether the databases are those of an earlier shop.
    private let isGoingOn: Bool

    var record: SupervisorRecord
    /// The servers, by the database after which each is named.
    var clusters: [ShopDatabase: PostgresCluster] = [:]
    /// RabbitMQ, in a shop that has it.
    var rabbit: RabbitCluster?
    var processes: [Member: ManagedProcess] = [:]
    var watchers: [Member: Task<Void, any Error>] = [:]
    var ports: PortAssignment?
    var isStopping = false
    /// The shop's own network, once it is built.
    var network: ShopNetwork?

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    /// Finds what it needs and puts the record on disk; the caller holds the lock.
    init(_ options: SupervisorOptions, places: ShopPlaces, loop: Loop) throws {
        self.loop = loop
        self.options = options
        self.places = places
        mutants = try SupervisorOptions.mutants(named: options.mutants)
        fleet = ShopFleet(
            replicas: options.replicas,
            hasEvents: options.hasEvents,
            broker: options.broker
        )
        account = try ServerAccount.current()
        binaries = try PostgresBinaries.find()
        health = HTTPClient(loop: loop)
        progress = try? AppendFile(options.progress)
        guard let me = SupervisorRecord.Process(name: "supervisor", pid: ProcessIdentity.current)
        else { throw ShopError(.state, "/proc does not tell about this process. Mount it.") }
        record = SupervisorRecord(
            supervisor: me,
            directory: places.directory,
            startedBy: options.startedBy
        )
        // What `down --keep` left is used or removed, never mixed with something new.
        isGoingOn = options.keepsDatabases && places.kept.exists
        if !options.keepsDatabases { try SmallFileSystem.removeTree(places.databases) }
        for folder in [places.directory, places.logs] {
            try SystemFiles.createDirectory(folder, mode: 0o755, parents: true)
        }
        try SystemFiles.createDirectory(places.configurations, mode: 0o700, parents: true)
        log = try AppendFile(places.log("supervisor"))
        try record.write(to: places.record)
    }

    /// Starts the shop and keeps it alive until the task is cancelled; throws what failed.
    func work() async throws {
        try await start()
        report(.ready)
        while true { try await loop.sleep(for: .seconds(3600)) }
    }

    /// Removes every file and namespace of the shop, but for databases that are to be kept, or were
    /// by an earlier shop when this one did not come up; everything has been stopped before.
    func remove() throws {
        if let prefix = record.network { try ShopNetwork.remove(prefix: prefix) }
        let isKept = SystemFiles.exists(record.keepMark) || isGoingOn && !isReady
        try places.kept.clear(stays: isKept)
        try SystemFiles.removeTree(places.record)
    }

    // MARK: What is told

    /// Writes to the log; until the shop is ready, `chaos shop up` sees it too.
    func report(_ event: ProgressEvent) {
        let line = event.json.serialized() + "\n"
        if isReporting { try? progress?.append(Array(line.utf8)) }
        switch event {
        case .note(let text): write(text)
        case .answers(let process): write(process.line)
        case .ready:
            write("ready")
            isReporting = false
            isReady = true
        case .failed(let message, _): write("failed: \(message)")
        }
    }

    private func write(_ text: String) {
        let now = Timestamp(microseconds: Loop.wallMicroseconds())
        try? log.append(Array("\(now.rfc3339) \(text)\n".utf8))
    }

    /// Remembers a process: in memory, in the record and, once it is written, in `system.json`.
    func adopt(_ process: ManagedProcess, as member: Member) throws {
        processes[member] = process
        record.children.removeAll { $0.name == member.name }
        if let child = SupervisorRecord.Process(name: member.name, pid: process.pid) {
            record.children.append(child)
        }
        try record.write(to: places.record)
        if SystemFiles.exists(places.system) { try writeDescription() }
    }

    /// Writes `system.json`.
    func writeDescription() throws {
        guard let configurations else { return }
        var pids: [String: Int32] = [:]
        for (member, process) in processes { pids[member.name] = process.pid }
        let text = configurations.description(pids: pids).json.serialized(pretty: true) + "\n"
        try SystemFiles.writeAtomically(places.system, Array(text.utf8), mode: 0o644)
    }

    /// What is configured from what; `nil` until the clusters run and ports are dealt out.
    var configurations: ShopConfigurations? {
        guard let ports, clusters.count == fleet.servers.count,
            rabbit != nil || fleet.rabbitNodes.isEmpty
        else { return nil }
        let host = ports.databaseHost
        var databases: [ShopDatabase: ShopConfigurations.Database] = [:]
        for database in fleet.databases {
            guard let cluster = clusters[database.server] else { return nil }
            let name = database.rawValue
            databases[database] = ShopConfigurations.Database(
                port: cluster.port,
                service: { cluster.conninfo(database: name, host: host, port: $0) },
                observer: cluster.socketConninfo(database: name)
            )
        }
        return ShopConfigurations(
            name: options.name,
            places: places,
            ports: ports,
            databases: databases,
            rabbit: rabbit?.endpoints ?? [],
            mutants: mutants
        )
    }
}
