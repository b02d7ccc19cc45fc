import EventLoop
import HTTP
import JSON
import LinuxSystem
import Postgres
import PostgresServer
import RabbitMQServer
import ShopCore

extension Supervision {
    /// How long the proxy or a service may take until it answers.
    static let answerTimeout: Duration = .seconds(20)
    /// How often ports are dealt out afresh because somebody else took one meanwhile.
    static let portTriesMax = 3

    /// Databases, then the proxy, then services; within a phase everything at once.
    func start() async throws {
        if options.topology == .netns { try buildNetwork() }
        try await startDatabases()
        for attempt in 1...Self.portTriesMax {
            do {
                try await startRest()
                break
            } catch let error as ShopError {
                guard error.saysPortTaken, attempt < Self.portTriesMax else {
                    throw error
                }
                report(.note("a port was taken by somebody else; trying others"))
                await stopRest()
            }
        }
        try writeDescription()
        for member in processes.keys { watch(member) }
    }

    /// The record comes first, so that a crash leaves nothing that nobody knows of.
    private func buildNetwork() throws {
        let prefix = ShopNetwork.prefix(supervisor: ProcessIdentity.current)
        record.network = prefix
        try record.write(to: places.record)
        let begin = Loop.monotonicNanoseconds()
        let network = try ShopNetwork.build(prefix: prefix, fleet: fleet)
        self.network = network
        let milliseconds = (Loop.monotonicNanoseconds() - begin) / 1_000_000
        report(
            .note(
                "network 10.213.\(network.number).0/24 ready in \(fleet.instances.count + 1)"
                    + " namespaces \(prefix)-… (\(milliseconds) ms)"
            )
        )
    }

    private func startDatabases() async throws {
        try await PostgresCluster.prepareTemplate(binaries: binaries, account: account)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in fleet.servers {
                group.addTask { try await self.startServer(server) }
            }
            if !fleet.rabbitNodes.isEmpty {
                group.addTask { try await self.startRabbit() }
            }
            try await group.waitForAll()
        }
        if fleet.hasEvents { try places.kept.carried(by: options.broker) }
    }

    private func startServer(_ server: ShopDatabase) async throws {
        let begin = Loop.monotonicNanoseconds()
        let member = Member.database(server)
        let databases = fleet.databases.filter { $0.server == server }
        var request = ClusterRequest(
            name: member.name,
            directory: places.database(server),
            databases: databases.map(\.rawValue),
            log: places.log(member.name)
        )
        request.keepsData = options.keepsDatabases
        // A server has one file system, whichever of its databases asked for it.
        request.diskBytes = databases.compactMap { options.disks[$0] }.max()
        let cluster = try await PostgresCluster.start(
            request,
            binaries: binaries,
            account: account
        )
        clusters[server] = cluster
        try adopt(cluster.process, as: member)
        for database in databases {
            let connection = try await PostgresConnection.connect(
                cluster.socketConninfo(database: database.rawValue)
            )
            defer { connection.close() }
            try await connection.simple(
                database.script(mutants: mutants, hasEvents: fleet.hasEvents),
                timeout: .seconds(30)
            )
        }
        note(member, "127.0.0.1:\(cluster.port)", since: begin)
    }

    private func startRest() async throws {
        let ports = PortAssignment(
            try PortChoice.free(PortAssignment.count(fleet)),
            fleet: fleet,
            network: network
        )
        self.ports = ports
        guard let configurations else { preconditionFailure("the databases run by now") }
        try write(configurations.proxy.serialized(pretty: true), to: places.proxyConfiguration)
        for instance in fleet.instances {
            let text = configurations.service(instance).json.serialized(pretty: true)
            try write(text, to: places.configuration(instance.name))
        }
        let begin = Loop.monotonicNanoseconds()
        try await launch(.proxy)
        note(.proxy, "127.0.0.1:\(ports.api)", since: begin)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for instance in fleet.instances {
                group.addTask {
                    let begin = Loop.monotonicNanoseconds()
                    try await self.launch(.service(instance))
                    await self.note(.service(instance), ports.address(of: instance), since: begin)
                }
            }
            try await group.waitForAll()
        }
    }

    /// Starts a process and waits until it answers; also how it is started again.
    func launch(_ member: Member) async throws {
        switch member {
        case .database(let database):
            guard let cluster = clusters[database] else { return }
            defer { processes[member] = cluster.process }
            try await cluster.restart()
            try adopt(cluster.process, as: member)
        case .rabbit(let node):
            guard let rabbit else { return }
            defer { processes[member] = rabbit.processes[node - 1] }
            try await rabbit.restart(node - 1)
            try adopt(rabbit.processes[node - 1], as: member)
        case .epmd:
            guard let rabbit else { return }
            try rabbit.restartNames()
            try adopt(rabbit.epmd, as: member)
        case .proxy:
            try? SystemFiles.removeTree(places.proxyReady)
            let process = try spawn(member, options.chaosExecutable, proxyArguments)
            try await answer(member, process) { SystemFiles.exists(self.places.proxyReady) }
        case .service(let instance):
            let file = places.configuration(instance.name)
            let arguments = [instance.role.rawValue, "--config", file]
            let host = network?.namespace(of: instance) ?? .current
            let process = try spawn(member, options.shopExecutable, arguments, in: host)
            try await answer(member, process) { await self.isHealthy(instance) }
        }
    }

    private var proxyArguments: [String] {
        [
            "proxy", "serve", "--config", places.proxyConfiguration,
            "--port", "\(ports?.api ?? 0)", "--ready-file", places.proxyReady,
        ]
    }

    private func spawn(
        _ member: Member,
        _ executable: String,
        _ arguments: [String],
        in host: NetworkNamespace = .current
    ) throws -> ManagedProcess {
        var request = SpawnRequest(executable: executable, arguments: arguments)
        request.directory = places.directory
        request.stdin = .null
        request.stdout = .file(places.output(member.name), append: true)
        request.stderr = .file(places.output(member.name), append: true)
        request.dieWithParent = true
        request.network = host
        let process = try ManagedProcess.start(request)
        try adopt(process, as: member)
        return process
    }

    /// Asks every 15 ms until `isReady`; throws when the process ends or takes too long.
    private func answer(
        _ member: Member,
        _ process: ManagedProcess,
        isReady: () async -> Bool
    ) async throws {
        let end = Loop.monotonicNanoseconds() + Self.answerTimeout.nanosecondsClamped
        while await !isReady() {
            if let status = process.status {
                throw failure(member, "ended with \(status) while starting")
            }
            guard Loop.monotonicNanoseconds() < end else {
                throw failure(member, "did not answer within \(Self.answerTimeout)")
            }
            try await loop.sleep(for: .milliseconds(15))
        }
    }

    private func isHealthy(_ instance: ShopInstance) async -> Bool {
        guard let ports else { return false }
        let url = "http://\(ports.address(of: instance))/health"
        let answer = try? await health.request("GET", url: url, timeout: .seconds(2))
        return answer?.status == 200
    }

    private func failure(_ member: Member, _ reason: String) -> ShopError {
        var error = ShopError(.start, "\(member.name) \(reason). See its log below.")
        error.log = [places.output(member.name), places.log(member.name)]
            .map { LogTail.read($0) }.filter { !$0.isEmpty }.joined(separator: "\n")
        return error
    }

    func note(_ member: Member, _ address: String, since begin: Int64) {
        let process = ReadyProcess(
            kind: member.kind,
            name: member.name,
            address: address,
            tenths: (Loop.monotonicNanoseconds() - begin) / 100_000_000
        )
        report(.answers(process))
    }

    private func write(_ text: String, to path: String) throws {
        try SystemFiles.writeAtomically(path, Array((text + "\n").utf8), mode: 0o600)
    }
}
