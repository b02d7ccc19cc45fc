import EventLoop
import JSON
import LinuxSystem
import Postgres
import PostgresServer
import ShopCore

/// Two PostgreSQL servers and the processes between them, for one measurement.
///
/// Confined to its loop (therefore `@unchecked Sendable`).
final class Stage: @unchecked Sendable {
    private let measurement: Measurement
    private let folder: String
    let source: PostgresCluster
    let events: PostgresCluster
    /// Relays and consumers by name.
    var processes: [String: ManagedProcess] = [:]

    private init(_ measurement: Measurement) async throws {
        self.measurement = measurement
        let account = try ServerAccount.current()
        folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-events-")
        try account.own(folder)
        source = try await Self.cluster("source", ["orders"], folder, account)
        events = try await Self.cluster("events", ["broker", "ledger"], folder, account)
    }

    private static func cluster(
        _ name: String,
        _ databases: [String],
        _ folder: String,
        _ account: ServerAccount
    ) async throws -> PostgresCluster {
        try await PostgresCluster.start(
            ClusterRequest(
                name: name,
                directory: folder + "/" + name,
                databases: databases,
                log: folder + "/\(name).log"
            ),
            binaries: try PostgresBinaries.find(),
            account: account
        )
    }

    static func measure(_ measurement: Measurement) async throws -> String {
        let stage = try await Stage(measurement)
        let result: Result<String, any Error>
        do {
            result = .success(try await stage.measure())
        } catch {
            result = .failure(error)
        }
        for process in stage.processes.values { await process.stop([(15, .seconds(5))]) }
        await stage.source.stop()
        await stage.events.stop()
        try SystemFiles.removeTree(stage.folder)
        return try result.get()
    }

    private func measure() async throws -> String {
        try await run("orders", ShopDatabase.orders.script())
        try await run("broker", ShopDatabase.broker.script())
        let tables = ShopDatabase.notifications.script() + LedgerHandler.table
        try await run("ledger", tables)
        let names =
            (1...measurement.relays).map { "relay-\($0)" }
            + (1...measurement.consumers).map { "consumer-\($0)" }
        for name in names { try start(name) }
        let watch = Watch(self, measurement)
        let before = watch.seconds()
        let sums = folder + "/sums"
        let producer = try spawn(
            executablePath(),
            ["produce", source.socketConninfo(), "\(measurement.rate)", "\(measurement.count)"],
            output: sums
        )
        processes["producer"] = producer
        let killing = measurement.kills ? try killer(names) : nil
        let lags = try await watch.untilEnd(of: producer)
        killing?.cancel()
        for name in names where processes[name]?.status != nil { try start(name) }
        let drain = try await watch.untilDrained()
        let used = watch.used(since: before)
        var report = try await Verification(self).report(sums: sums)
        let marks = try Marks.read((1...measurement.consumers).map(marks))
        let figures = Figures(measurement, marks: marks, lags: lags, drain: drain, used)
        for member in figures.json.members { report[member.name] = member.value }
        return JSONValue.object(report).serialized() + "\n"
    }

    private func marks(_ number: Int) -> String { folder + "/consumer-\(number).marks" }

    /// Starts a relay or a consumer of that name.
    private func start(_ name: String) throws {
        let isRelay = name.hasPrefix("relay")
        let configuration = ShopServiceConfiguration(
            role: isRelay ? .ordersRelay : .notifications,
            name: name,
            listen: "127.0.0.1:0",
            database: isRelay
                ? source.socketConninfo() : events.socketConninfo(database: "ledger"),
            broker: events.socketConninfo(database: "broker"),
            log: folder + "/\(name).log",
            pool: 4
        )
        let path = folder + "/\(name).json"
        let text = configuration.json.serialized()
        try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o600)
        processes[name] =
            isRelay
            ? try spawn(measurement.shop, ["orders-relay", "--config", path])
            : try spawn(executablePath(), ["consume", path, folder + "/\(name).marks"])
    }

    private func spawn(
        _ program: String,
        _ words: [String],
        output: String? = nil
    ) throws -> ManagedProcess {
        var request = SpawnRequest(executable: program, arguments: words)
        request.stdout = output.map { .file($0, append: false) } ?? .null
        request.dieWithParent = true
        return try ManagedProcess.start(request)
    }

    /// Kills one process after the other and starts it again half a second later.
    private func killer(_ names: [String]) throws -> Task<Void, any Error> {
        guard let loop = Loop.current else { preconditionFailure("the stage is on a loop") }
        return loop.spawn { [self] in
            for round in 0... {
                try await loop.sleep(for: .milliseconds(1500))
                let name = names[round % names.count]
                processes[name]?.signal(9)
                _ = try await processes[name]?.wait()
                try await loop.sleep(for: .milliseconds(500))
                try start(name)
            }
        }
    }

    private func run(_ database: String, _ script: String) async throws {
        let connection = try await connect(database)
        defer { connection.close() }
        try await connection.simple(script)
    }

    /// A connection to one of the three databases.
    func connect(_ database: String) async throws -> PostgresConnection {
        let cluster = database == "orders" ? source : events
        return try await PostgresConnection.connect(cluster.socketConninfo(database: database))
    }

    /// The first column of the first row as a number.
    func number(_ database: String, _ sql: String) async throws -> Int64 {
        let connection = try await connect(database)
        defer { connection.close() }
        let row = try await connection.query(sql, timeout: .seconds(120)).first
        return row?.text(at: 0).flatMap { Int64($0) } ?? -1
    }
}
