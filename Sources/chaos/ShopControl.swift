import ChaosModel
import ChaosRunner
import CommandLine
import JSON
import LinuxSystem
import ShopCore
import ShopSupervisor
import Synchronization

/// Carries out `chaos shop up|down|status`.
struct ShopControl {
    private let name: String
    private let mutants: [String]
    private let topology: ShopTopology.Kind
    private let replicas: [ShopRole: Int]
    private let disks: [ShopDatabase: Int64]
    private let keeps: Bool
    private let hasEvents: Bool
    private let collector: String?
    private let broker: BrokerChoice
    private let isJSON: Bool

    /// Throws `UsageError` when there is no such topology or service.
    init(_ invocation: Invocation) throws {
        name = invocation.value("name") ?? "shop"
        let word = invocation.value("topology") ?? ShopTopology.Kind.loopback.rawValue
        guard let kind = ShopTopology.Kind(rawValue: word) else {
            throw UsageError(
                path: invocation.path,
                message: "there is no topology '\(word)'. Use loopback or netns."
            )
        }
        topology = kind
        mutants = invocation.values("mutant")
        replicas = try ShopCommand.replicas(invocation)
        disks = try ShopCommand.disks(invocation)
        keeps = invocation.has("keep")
        hasEvents = try ShopParts.haveEvents(invocation, replicas: replicas, disks: disks)
        collector = try Self.collector(invocation, kind)
        let carrier = invocation.value("broker") ?? BrokerChoice.postgres.text
        guard let choice = BrokerChoice(carrier) else {
            throw UsageError(
                path: invocation.path,
                message: "there is no broker '\(carrier)'. Use one of: "
                    + "\(BrokerChoice.texts.joined(separator: ", "))."
            )
        }
        broker = choice
        isJSON = invocation.has("json")
    }

    /// Throws `UsageError` for what is no collector's URL, or one that the services cannot reach.
    private static func collector(
        _ invocation: Invocation,
        _ topology: ShopTopology.Kind
    ) throws -> String? {
        guard let collector = invocation.value("otlp") else { return nil }
        guard collector.hasPrefix("http://") || collector.hasPrefix("unix:/") else {
            throw UsageError(
                path: invocation.path,
                message: "--otlp takes the base URL of a collector, such as "
                    + "http://127.0.0.1:4318, not '\(collector)'."
            )
        }
        let isLoopback = ["127.", "localhost", "[::1]"].contains {
            collector.hasPrefix("http://\($0)")
        }
        guard topology == .loopback || !isLoopback else {
            throw UsageError(
                path: invocation.path,
                message: "--otlp \(collector) is out of the services' reach: in the topology netns "
                    + "each is a host of its own. Let the collector listen on a Unix socket and "
                    + "name that (unix:/path), or leave out --topology."
            )
        }
        return collector
    }

    func up() async throws -> Int32 {
        var options = ShopProvider.options(name: name, mutants: mutants, startedBy: nil)
        options.topology = topology
        options.replicas = replicas
        options.disks = disks
        options.keepsDatabases = keeps
        options.hasEvents = hasEvents
        options.collector = collector
        options.broker = broker
        do {
            show(try await ShopSupervisor.up(options) { Console.say("  \($0)") })
            return ExitStatus.held
        } catch let error as ShopError where error.code == .alreadyRunning {
            throw Failure(error.description, status: ExitStatus.deviated)
        } catch let error as ShopError where error.code == .kept {
            throw Failure(error.description, status: ExitStatus.usage)
        }
    }

    func down() async throws -> Int32 {
        let outcome = try await ShopSupervisor.down(name: name, keeps: keeps) {
            Console.say("  \($0)")
        }
        switch outcome {
        case .stopped where keeps:
            Console.say("The shop is down. Go on with its databases: chaos shop up --keep")
        case .stopped: Console.say("The shop is down; nothing of it is left.")
        case .cleaned where keeps:
            Console.say("A crashed shop was cleaned up; its databases are kept.")
        case .cleaned: Console.say("A crashed shop was cleaned up; nothing of it is left.")
        case .absent: Console.say("No shop runs.")
        }
        return ExitStatus.held
    }

    func status() throws -> Int32 {
        let status = try ShopSupervisor.status(name: name)
        guard status.state == .running, let system = status.system else {
            Console.say("shop \(name): \(status.state.rawValue). Start it with 'chaos shop up'.")
            return ExitStatus.deviated
        }
        show(system)
        for process in status.processes where !process.isAlive {
            Console.say("  \(process.name) (process \(process.pid)) is not alive")
        }
        return ExitStatus.held
    }

    private func show(_ system: SystemDescription) {
        if isJSON {
            Console.answer(system.json.serialized(pretty: true))
            return
        }
        let mutants =
            system.mutants.isEmpty ? "" : " (mutants: \(system.mutants.joined(separator: ", ")))"
        Console.answer("shop \(system.name) at \(system.gateway ?? "?")\(mutants)")
        Console.answer("  proxy API  \(system.proxyAPI ?? "?")")
        Console.answer("  directory  \(system.directory ?? "?")")
        for service in system.services {
            let pid = service.pid.map { "process \($0)" } ?? ""
            let place = service.namespace.map { "  in \($0)" } ?? ""
            Console.answer(
                "  \(service.name.padding(to: 24)) \((service.url ?? "").padding(to: 26)) "
                    + "\(pid)\(place)"
            )
        }
        for link in system.links {
            Console.answer(
                "  \(link.name.padding(to: 24)) \((link.listen ?? "").padding(to: 16)) -> "
                    + "\((link.upstream ?? "").padding(to: 16)) \(link.wireProtocol.rawValue)"
            )
        }
    }
}

/// The bundled shop as the runner's system: joined when one runs, else started for the run and
/// stopped after it.
final class ShopProvider: SystemProvider {
    private let mutants: [String]
    private let topology: ShopTopology.Kind
    private let replicas: [ShopRole: Int]
    private let disks: [ShopDatabase: Int64]
    private let broker: BrokerChoice
    private let isStarted = Mutex(false)

    init(
        mutants: [String],
        topology: ShopTopology.Kind = .loopback,
        replicas: [ShopRole: Int] = [:],
        disks: [ShopDatabase: Int64] = [:],
        broker: BrokerChoice = .postgres
    ) {
        self.mutants = mutants
        self.topology = topology
        self.replicas = replicas
        self.disks = disks
        self.broker = broker
    }

    func start(
        runID: String,
        progress: @escaping @Sendable (String) -> Void
    ) async throws -> SystemDescription {
        let status = try ShopSupervisor.status()
        if status.state == .running, let running = status.system {
            guard Set(running.mutants) == Set(mutants) else {
                let which =
                    running.mutants.isEmpty ? "none" : running.mutants.joined(separator: ", ")
                throw Failure(
                    "a shop with other mutants (\(which)) runs at \(running.gateway ?? "?"). "
                        + "Stop it with 'chaos shop down' and run again."
                )
            }
            guard (running.network != nil) == (topology == .netns) else {
                throw Failure(
                    "a shop of another topology runs at \(running.gateway ?? "?"). "
                        + "Stop it with 'chaos shop down' and run again."
                )
            }
            for (role, number) in replicas {
                let count = running.services.count { $0.role == role.rawValue }
                guard count != number else { continue }
                throw Failure(
                    "a shop with \(count) of \(role.rawValue) instead of \(number) runs at "
                        + "\(running.gateway ?? "?"). Stop it with 'chaos shop down' and run again."
                )
            }
            for (database, bytes) in disks {
                let member = running.databases.first { $0.service == database.rawValue }
                let place = member?.pid.map { "/proc/\($0)/cwd" }
                let size = place.flatMap { try? FileSystemSpace.of($0).total }
                guard size != bytes else { continue }
                throw Failure(
                    "the shop at \(running.gateway ?? "?") runs without a disk of that size for "
                        + "\(database.rawValue). Stop it with 'chaos shop down' and run again."
                )
            }
            let nodes = running.services.count { $0.role == ShopTopology.rabbitRole }
            guard nodes == broker.rabbitNodes else {
                throw Failure(
                    "a shop with another broker than \(broker.text) runs at "
                        + "\(running.gateway ?? "?"). Stop it with 'chaos shop down' and run again."
                )
            }
            progress("joining the shop at \(running.gateway ?? "?")")
            return running
        }
        var options = Self.options(name: "shop", mutants: mutants, startedBy: runID)
        options.topology = topology
        options.replicas = replicas
        options.disks = disks
        options.broker = broker
        let description = try await ShopSupervisor.up(options, progress: progress)
        isStarted.withLock { $0 = true }
        return description
    }

    /// Whether the shop is ours to stop.
    var hasStarted: Bool { isStarted.withLock(\.self) }

    /// Takes over a shop that somebody else started for us.
    func own() {
        isStarted.withLock { $0 = true }
    }

    func stop() async {
        guard isStarted.withLock({ $0 }) else { return }
        do {
            _ = try await ShopSupervisor.down()
        } catch {
            Console.say("The shop could not be stopped: \(error). Run 'chaos shop down'.")
        }
    }

    static func options(
        name: String,
        mutants: [String],
        startedBy: String?
    ) -> ShopUpOptions {
        var options = ShopUpOptions()
        options.name = name
        options.mutants = mutants
        options.startedBy = startedBy
        options.joinsProgress = true
        return options
    }
}
