import ChaosJournal
import ChaosModel
import EventLoop
import JSON
import LinuxSystem
import Postgres
import PostgresServer
import RunnerFixtures
import Testing

@testable import ChaosRunner

// What is taken away from a process, a server or this host.
extension CrashSubject {
    /// Children of a run that is still to come: it writes their name into its journal first.
    static func burden(_ fault: CrashFault, _ sandbox: Sandbox) -> CrashSubject {
        CrashSubject(
            specification: specification(fault),
            isClean: {
                guard let events = try? sandbox.events() else { return true }
                let names = events.compactMap { event -> String? in
                    guard case .fault(let transition) = event.payload else { return nil }
                    return transition.detail["undo"]?["name"]?.stringValue
                }
                let running = ProcessTable.all().filter { $0.state != "Z" }.map(\.name)
                return names.allSatisfy { !running.contains($0) }
            },
            diesWithRunner: true,
            stop: {}
        )
    }

    static func descriptors(_ fault: CrashFault, _ sandbox: Sandbox) throws -> CrashSubject {
        let child = try sleeper(sandbox)
        let former = try OpenFileLimit.of(child.pid)
        return CrashSubject(
            specification: specification(fault, child),
            isClean: { try OpenFileLimit.of(child.pid) == former },
            stop: ending(child)
        )
    }

    static func flush(_ fault: CrashFault, _ sandbox: Sandbox) throws -> CrashSubject {
        let child = try sleeper(sandbox)
        return CrashSubject(
            specification: specification(fault, child),
            isClean: { ProcessTable.tracer(of: child.pid) == nil },
            diesWithRunner: true,
            stop: ending(child)
        )
    }

    static func limit(_ fault: CrashFault, _ sandbox: Sandbox) throws -> CrashSubject {
        let child = try sleeper(sandbox)
        let resource = try #require(fault.limited)
        let hierarchy = try #require(LimitGroup.Hierarchy.of(resource))
        return CrashSubject(
            specification: specification(fault, child),
            // Not "back at home": by its tag alone, anybody's `recover` puts it at the root.
            isClean: { !hierarchy.group(of: child.pid).contains("chaos-limit-") },
            stop: ending(child)
        )
    }

    /// Fills a small file system of its own, which is empty otherwise.
    static func disk(_ fault: CrashFault, _ sandbox: Sandbox) throws -> CrashSubject {
        let path = "\(sandbox.directory)/disk"
        try SmallFileSystem.make(on: path, bytes: 4 << 20)
        let empty = try FileSystemSpace.of(path)
        var specification = specification(fault)
        specification.arguments["directory"] = .string(path)
        return CrashSubject(
            specification: specification,
            isClean: { try FileSystemSpace.of(path) == empty },
            diesWithRunner: true,
            stop: { try SmallFileSystem.removeTree(path) }
        )
    }

    /// Holds ten connections of a PostgreSQL server; seen from a connection that stays.
    static func connections(_ fault: CrashFault) async throws -> CrashSubject {
        let database = try await SharedCluster.instance().database()
        let observer = try await PostgresConnection.connect(database.socketConninfo)
        let limit = try await observer.query("SHOW max_connections")[0].int("max_connections")
        var specification = specification(fault)
        specification.arguments["leave"] = .integer(limit - 10)
        specification.target = .service("orders")
        specification.system = SystemDescription(
            name: "server",
            services: [.init(name: "orders")],
            links: [],
            databases: [.init(service: "orders", observer: database.socketConninfo)]
        )
        return CrashSubject(
            specification: specification,
            isClean: {
                let rows = try await observer.query(
                    "SELECT count(*) AS held FROM pg_stat_activity"
                        + " WHERE application_name LIKE 'chaos-%'"
                )
                return try rows[0].int("held") == 0
            },
            diesWithRunner: true,
            stop: { observer.close() }
        )
    }
}
