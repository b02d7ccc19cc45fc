package import ChaosModel
import EventLoop
import Glibc
import JSON
import LinuxSystem
import PostgresServer
package import ShopCore

/// How a shop is to be started.
package struct ShopUpOptions: Sendable {
    /// Its name: 1 to 32 lower-case letters, digits and hyphens.
    package var name = ShopTopology.defaultName
    /// The folder for its data and logs, which must be empty or not exist; `nil` is
    /// `<state>/shops/<name>`.
    package var directory: String?
    /// The names of the deliberate bugs to switch on.
    package var mutants: [String] = []
    package var topology = ShopTopology.Kind.loopback
    /// How many instances a role has, 1…`ShopInstance.numberMax`; one when it is not named.
    package var replicas: [ShopRole: Int] = [:]
    /// The sizes, bytes, of databases that get a small file system of their own (root).
    package var disks: [ShopDatabase: Int64] = [:]
    /// Whether to go on with the databases that `down(keeps: true)` left.
    package var keepsDatabases = false
    /// Whether broker, relays and the consumers of events run too.
    package var hasEvents = true
    /// The collector that gets the services' spans, by its base URL; `nil`: what the environment
    /// says.
    package var collector: String?
    /// What carries the events.
    package var broker = BrokerChoice.postgres
    /// Whether the processes of a kind share a line of progress.
    package var joinsProgress = false
    /// The `chaos` program, which is also the proxy.
    package var chaosExecutable: String
    /// The `shop` program: the services and the supervisor.
    package var shopExecutable: String
    /// The run that starts the shop, when one does.
    package var startedBy: String?

    /// Options with the programs beside the running one.
    package init(chaosExecutable: String? = nil, shopExecutable: String? = nil) {
        let folder = SystemFiles.parent(of: executablePath())
        self.chaosExecutable = chaosExecutable ?? folder + "/chaos"
        self.shopExecutable = shopExecutable ?? folder + "/shop"
    }
}

/// How long a start may take before it is given up.
private let startTimeout: Duration = .seconds(90)

/// Exit status of a supervisor that finds another one: EX_TEMPFAIL of sysexits(3).
let lockHeldStatus: Int32 = 75

/// Starts a shop in a supervisor of its own and returns when everything answers; on a loop.
///
/// `progress` receives lines for people. Throws `ShopError`: `.alreadyRunning` with the running
/// shop's description, `.start` with the end of the relevant log; nothing is left then but what was
/// kept before. `.kept` when those databases belong to a shop with another broker. When the task is
/// cancelled the supervisor is stopped again.
package func up(
    _ options: ShopUpOptions,
    progress: (String) -> Void = { _ in }
) async throws -> SystemDescription {
    _ = try SupervisorOptions.mutants(named: options.mutants)
    guard options.disks.isEmpty || UserAccount.isRoot else {
        throw ShopError(
            .start,
            "a database with a file system of its own takes a mount, and that root — --disk. Run as"
                + " root, or leave it out."
        )
    }
    guard options.topology == .loopback || UserAccount.isRoot else {
        throw ShopError(
            .start,
            "the topology netns makes network namespaces, which takes root — --topology. Run as"
                + " root, or use the topology loopback."
        )
    }
    let directory = options.directory.map { SystemFiles.absolute($0) }
    let places = try ShopPlaces(
        name: options.name,
        shops: StatePaths.shops,
        directory: directory
    )
    try await makeRoom(options, places, progress)
    if options.keepsDatabases, options.hasEvents { try places.kept.check(options.broker) }
    let start = try ShopStart(options, places)
    defer { start.removeProgress() }
    do {
        return try await start.follow(startTimeout, progress)
    } catch {
        await start.abandon()
        throw error
    }
}

/// Makes sure that no shop of the name runs; cleans up after a crashed supervisor.
private func makeRoom(
    _ options: ShopUpOptions,
    _ places: ShopPlaces,
    _ progress: (String) -> Void
) async throws {
    switch ShopState.look(places) {
    case .absent: break
    case .running(let record, let system): throw alreadyRunning(options.name, record, system)
    case .busy(let record): throw alreadyRunning(options.name, record, nil)
    case .stale(let record):
        progress(
            "cleaning up after supervisor \(record.supervisor.pid), which did not end by itself"
        )
        try await ShopState.sweep(record, places)
    }
    if options.directory != nil, let names = try? SystemFiles.list(places.directory),
        !names.isEmpty
    {
        throw ShopError(
            .state,
            "\(places.directory) is not empty. Name an empty folder, or one that does not exist."
        )
    }
}

private func alreadyRunning(
    _ name: String,
    _ record: SupervisorRecord,
    _ system: SystemDescription?
) -> ShopError {
    let gateway = system?.gateway.map { " at \($0)" } ?? ", not ready yet"
    var error = ShopError(
        .alreadyRunning,
        "a shop named \(name) runs already\(gateway) (supervisor \(record.supervisor.pid), files "
            + "in \(record.directory)). Use it, or stop it with: chaos shop down"
    )
    error.running = system
    return error
}

/// A supervisor that is being started.
private struct ShopStart {
    let options: ShopUpOptions
    let places: ShopPlaces
    let progressPath: String
    let process: ManagedProcess
    /// Whether there are databases of an earlier shop, to be kept whatever happens.
    let isGoingOn: Bool

    init(_ options: ShopUpOptions, _ places: ShopPlaces) throws {
        self.options = options
        self.places = places
        isGoingOn = options.keepsDatabases && places.kept.exists
        guard SystemFiles.exists(options.shopExecutable) else {
            throw SystemError(call: "starting", object: options.shopExecutable, code: ENOENT)
        }
        try SystemFiles.createDirectory(StatePaths.shops, mode: 0o755, parents: true)
        try SystemFiles.createDirectory(places.logs, mode: 0o755, parents: true)
        progressPath = "\(StatePaths.shops)/\(options.name).\(SystemFiles.randomSeed()).progress"
        _ = try AppendFile(progressPath)
        let told = SupervisorOptions(
            name: options.name,
            shops: StatePaths.shops,
            directory: places.directory,
            mutants: options.mutants,
            topology: options.topology,
            replicas: options.replicas,
            disks: options.disks,
            keepsDatabases: options.keepsDatabases,
            hasEvents: options.hasEvents,
            broker: options.broker,
            chaosExecutable: SystemFiles.absolute(options.chaosExecutable),
            shopExecutable: SystemFiles.absolute(options.shopExecutable),
            startedBy: options.startedBy,
            progress: progressPath
        )
        var request = SpawnRequest(
            executable: told.shopExecutable,
            arguments: ["supervise", "--options", told.json.serialized()]
        )
        request.environment = Self.environment(options)
        request.directory = "/"
        // Its end tells the supervisor that we died before the shop was ready.
        request.stdin = .pipe
        request.stdout = .file(places.output("supervisor"), append: true)
        request.stderr = .file(places.output("supervisor"), append: true)
        request.newSession = true
        process = try ManagedProcess.start(request)
    }

    /// Ours, but for libpq's variables, which must not reach into the shop's connections.
    private static func environment(_ options: ShopUpOptions) -> [String] {
        var lines = Environment.all().filter { !$0.hasPrefix("PG") || $0.hasPrefix("PG_BINDIR=") }
        guard let collector = options.collector else { return lines }
        lines.removeAll { $0.hasPrefix("OTEL_EXPORTER_OTLP_") && $0.contains("ENDPOINT=") }
        return lines + ["OTEL_EXPORTER_OTLP_ENDPOINT=\(collector)"]
    }

    /// Passes on what the supervisor reports until it is ready, has failed or takes too long.
    func follow(
        _ timeout: Duration,
        _ progress: (String) -> Void
    ) async throws -> SystemDescription {
        var reader = ProgressReader()
        var ready = ReadyLines()
        let end = Loop.monotonicNanoseconds() + timeout.nanosecondsClamped
        while true {
            // Asked before the file is read: what an ended process wrote is all there.
            let status = process.status
            for event in reader.events(in: (try? SystemFiles.read(progressPath)) ?? []) {
                if case .answers(let process) = event, options.joinsProgress {
                    if let line = ready.take(process) { progress(line) }
                    continue
                }
                if let line = ready.flush() { progress(line) }
                switch event {
                case .note(let text): progress(text)
                case .answers(let process): progress(process.line)
                case .ready: return try description()
                case .failed(let message, let log):
                    var error = ShopError(.start, message)
                    error.log = log
                    throw error
                }
            }
            if let status { throw ended(status) }
            guard Loop.monotonicNanoseconds() < end else {
                throw ShopError(
                    .start,
                    "the shop was not ready within \(timeout). See \(places.logs)."
                )
            }
            try await Loop.current?.sleep(for: .milliseconds(10))
        }
    }

    private func description() throws -> SystemDescription {
        guard case .running(_, let system) = ShopState.look(places) else {
            throw ShopError(.state, "\(places.system) cannot be read. Start the shop again.")
        }
        return system
    }

    private func ended(_ status: ExitStatus) -> ShopError {
        if status == .exited(lockHeldStatus) {
            guard case .running(let record, let system) = ShopState.look(places) else {
                return ShopError(
                    .alreadyRunning,
                    "a shop named \(options.name) is being started or stopped by somebody else. "
                        + "Look at it with: chaos shop status"
                )
            }
            return alreadyRunning(options.name, record, system)
        }
        var error = ShopError(
            .start,
            "the supervisor (\(options.shopExecutable)) ended with \(status) before the shop was "
                + "ready."
        )
        error.log = LogTail.read(places.output("supervisor"))
        return error
    }

    /// Stops the supervisor if it still runs, in a cancelled task too, and removes what it left.
    func abandon() async {
        let terminate: Int32 = 15
        let wasFirst = process.status != .exited(lockHeldStatus)
        await process.stop([(terminate, .seconds(40))])
        guard wasFirst, let loop = Loop.current else { return }
        let (places, keeps) = (places, isGoingOn)
        // Owned and awaited here; a task of its own because ours may be cancelled.
        let sweeping = loop.spawn {
            if case .stale(let record) = ShopState.look(places) {
                try await ShopState.sweep(record, places, keeps: keeps)
            }
            if case .absent = ShopState.look(places) {
                try places.kept.clear(stays: keeps)
            }
        }
        _ = await sweeping.result
    }

    func removeProgress() {
        try? SystemFiles.removeTree(progressPath)
    }
}
