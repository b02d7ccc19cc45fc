import ChaosModel
import EventLoop
import Glibc
import HTTP
import JSON
import LinuxSystem
import Postgres
import PostgresServer
import ShopCore
import Testing

@testable import ShopSupervisor

/// Whole shops: real clusters, the real proxy and the real services, under a state folder of the
/// tests' own.
@Suite(.serialized, .timeLimit(.minutes(3))) struct SupervisorTests {
    private static let loop: Loop = {
        do { return try Loop.start(label: "supervisor-tests") } catch { fatalError("\(error)") }
    }()

    /// Runs a body on the loop; whatever it leaves running is stopped, and nothing may be left.
    func withState(
        _ body: @escaping @Sendable () async throws -> Void,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        try await Self.loop.spawn {
            let state = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-state-")
            defer { try? SystemFiles.removeTree(state) }
            try SystemFiles.setMode(state, 0o755)
            _ = unsafe setenv("CHAOS_STATE_DIR", state, 1)
            do {
                try await body()
            } catch {
                _ = try? await down()
                throw error
            }
            _ = try await down()
            let rest = (try? SystemFiles.list(state + "/shops")) ?? []
            #expect(rest.isEmpty, sourceLocation: location)
        }.value
    }

    var options: ShopUpOptions {
        let folder = SystemFiles.parent(of: executablePath())
        return ShopUpOptions(
            chaosExecutable: folder + "/chaos",
            shopExecutable: folder + "/shop"
        )
    }

    @Test func `a shop comes up, serves through the proxy, is known, and goes without a trace`()
        async throws
    {
        try await withState {
            var lines: [String] = []
            let system = try await up(options) { lines.append($0) }
            for server in ShopFleet().servers {
                #expect(lines.contains { $0.hasPrefix("\(server.name) ready on 127.0.0.1:") })
            }
            for role in ShopRole.allCases {
                #expect(lines.contains { $0.hasPrefix("\(role.rawValue) ready on 127.0.0.1:") })
            }
            let client = HTTPClient()
            let gateway = try #require(system.gateway)
            let health = try await client.request(
                "GET",
                url: gateway + "/health",
                timeout: .seconds(5)
            )
            #expect(health.status == 200)
            let second = await #expect(throws: ShopError.self) { _ = try await up(options) }
            #expect(second?.code == .alreadyRunning)
            #expect(second?.running == system)
            let status = try status()
            #expect(status.state == .running)
            #expect(status.system == system)
            #expect(status.processes.count == 19)
            #expect(status.processes.allSatisfy { $0.isAlive })
            let outcome1 = try await down()
            #expect(outcome1 == .stopped)
            for process in status.processes {
                #expect(!SystemFiles.exists("/proc/\(process.pid)"))
            }
            #expect(Self.sharedMemory(of: status.processes.map(\.pid)).isEmpty)
            let outcome2 = try await down()
            #expect(outcome2 == .absent)
        }
    }

    @Test func `nothing of a killed supervisor lives on, and the next start cleans up`()
        async throws
    {
        try await withState {
            _ = try await up(options)
            let processes = try status().processes
            kill(processes[0].pid, SIGKILL)
            while try status().processes.contains(where: \.isAlive) {
                try await Loop.current?.sleep(for: .milliseconds(5))
            }
            let state = try status().state
            #expect(state == .stale)
            #expect(Self.sharedMemory(of: processes.map(\.pid)).isEmpty)
            var lines: [String] = []
            _ = try await up(options) { lines.append($0) }
            #expect(lines.first?.contains("cleaning up after supervisor") == true)
            let again = try status().state
            #expect(again == .running)
        }
    }

    @Test(arguments: ["payments", "proxy", "orders-db"])
    func `what dies is started again and serves`(name: String) async throws {
        try await withState {
            let system = try await up(options)
            let victim = try #require(try status().processes.first { $0.name == name })
            kill(victim.pid, SIGKILL)
            while try status().processes.first(where: { $0.name == name })?.pid == victim.pid {
                try await Loop.current?.sleep(for: .milliseconds(5))
            }
            let client = HTTPClient()
            for service in system.services {
                let url = try #require(service.url) + "/health"
                while true {
                    let answer = try? await client.request("GET", url: url, timeout: .seconds(2))
                    if answer?.status == 200 { break }
                    try await Loop.current?.sleep(for: .milliseconds(20))
                }
            }
            let now = try #require(try status().system)
            #expect(now.proxyAPI == system.proxyAPI)
            #expect(now.links == system.links)
            if name == "payments" { #expect(now.services != system.services) }
        }
    }

    @Test func `of two instances one may die, and every order is still confirmed`() async throws {
        try await withState {
            var options = options
            options.replicas = [.payments: 2, .orders: 2]
            let system = try await up(options)
            #expect(system.services.filter { $0.role == "payments" }.count == 2)
            #expect(try status().processes.count == 21)
            let client = HTTPClient()
            for round in 0..<2 {
                for number in 0..<6 {
                    let state = try await Self.order("\(round)-\(number)", system, client)
                    #expect(state == "confirmed")
                }
                guard round == 0 else { continue }
                for name in ["payments", "orders-2"] {
                    let victim = try #require(try status().processes.first { $0.name == name })
                    kill(victim.pid, SIGKILL)
                }
            }
        }
    }

    /// Places an order, with the same key until it is accepted, and waits for its end.
    static func order(
        _ key: String,
        _ system: SystemDescription,
        _ client: HTTPClient
    ) async throws -> String? {
        let gateway = try #require(system.gateway)
        let body = #"{"customer":"c","sku":"sku-01","quantity":1,"amount_cents":500}"#
        while true {
            let placed = try? await client.request(
                "POST",
                url: gateway + "/orders",
                headers: ["Idempotency-Key": key, "Content-Type": "application/json"],
                body: Array(body.utf8),
                timeout: .seconds(10)
            )
            guard let placed, placed.status == 202,
                let status = try JSONValue.parse(placed.body)["status"]?.stringValue
            else {
                try await Loop.current?.sleep(for: .milliseconds(20))
                continue
            }
            while true {
                let url = "\(gateway)\(status)?wait=5s"
                let seen = try? await client.request("GET", url: url, timeout: .seconds(10))
                let state = try seen.map { try JSONValue.parse($0.body)["state"]?.stringValue }
                if let state, state == "confirmed" || state == "cancelled" { return state }
                try await Loop.current?.sleep(for: .milliseconds(20))
            }
        }
    }

    @Test func `of two starts at once one wins and the other says so`() async throws {
        try await withState {
            let tasks = (0..<2).map { _ in Self.loop.spawn { try await up(options) } }
            var errors: [ShopError.Code] = []
            for task in tasks {
                do { _ = try await task.value } catch let error as ShopError {
                    errors.append(error.code)
                }
            }
            #expect(errors == [.alreadyRunning])
            let state = try status().state
            #expect(state == .running)
        }
    }

    @Test func `a cancelled start leaves nothing`() async throws {
        try await withState {
            let task = Self.loop.spawn { try await up(options) }
            while try status().processes.count < 4 {
                try await Loop.current?.sleep(for: .milliseconds(2))
            }
            let processes = try status().processes
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            let state = try status().state
            #expect(state == .absent)
            for process in processes { #expect(!SystemFiles.exists("/proc/\(process.pid)")) }
        }
    }

    @Test func `a start that fails says what failed, quotes its log and leaves nothing`()
        async throws
    {
        try await withState {
            var broken = options
            // `ls` knows no `proxy` and says so.
            broken.chaosExecutable = "/bin/ls"
            let wrong = broken
            let error = await #expect(throws: ShopError.self) { _ = try await up(wrong) }
            #expect(error?.code == .start)
            #expect(error?.message.contains("proxy ended with status 2") == true)
            #expect(error?.log.contains("--config") == true)
            let state = try status().state
            #expect(state == .absent)
        }
    }

    @Test func `a supervisor program that is not there is reported`() async throws {
        try await withState {
            var broken = options
            broken.shopExecutable = "/nowhere/shop"
            let wrong = broken
            let error = await #expect(throws: SystemError.self) { _ = try await up(wrong) }
            #expect(error?.description.contains("/nowhere/shop") == true)
            let outcome3 = try await down()
            #expect(outcome3 == .absent)
        }
    }

    @Test func `an unknown mutant is refused with the known ones`() async throws {
        try await withState {
            var broken = options
            broken.mutants = ["no-such-mutant"]
            let wrong = broken
            let error = await #expect(throws: ShopError.self) { _ = try await up(wrong) }
            #expect(error?.message.contains("retry-without-key") == true)
        }
    }

    /// The System V segments that one of the processes made (`/proc/sysvipc/shm`, column cpid).
    private static func sharedMemory(of pids: [Int32]) -> [Substring] {
        let bytes = (try? SystemFiles.read("/proc/sysvipc/shm")) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter {
            let fields = $0.split(separator: " ")
            return fields.count > 4 && pids.map(String.init).contains(String(fields[4]))
        }
    }
}
