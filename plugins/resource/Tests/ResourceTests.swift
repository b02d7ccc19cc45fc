import ChaosModel
import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Postgres
import PostgresServer
import Testing

@testable import FaultResource

@Suite(.serialized, .timeLimit(.minutes(3))) struct ResourceTests {
    private func onLoop(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let loop = try Loop.start(label: "resource-test")
        defer { loop.stop() }
        try await loop.spawn { try await withDeadline(.seconds(90)) { try await body() } }.value
    }

    private func until(_ what: String, _ fact: () async throws -> Bool) async throws {
        for _ in 0..<2_000 {
            if try await fact() { return }
            try await Loop.current?.sleep(for: .milliseconds(10))
        }
        Issue.record("never: \(what)")
    }

    /// A server of this test's own: others must find theirs with free connections.
    private func withServer(
        _ body: @escaping @Sendable (PostgresCluster) async throws -> Void
    ) async throws {
        try await onLoop {
            let account = try ServerAccount.current()
            let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-resource-")
            defer { try? SystemFiles.removeTree(folder) }
            try account.own(folder)
            let cluster = try await PostgresCluster.start(
                ClusterRequest(
                    name: "orders-db",
                    directory: folder + "/cluster",
                    databases: ["orders"],
                    log: folder + "/log"
                ),
                binaries: try PostgresBinaries.find(),
                account: account
            )
            do { try await body(cluster) } catch {
                await cluster.stop()
                throw error
            }
            await cluster.stop()
        }
    }

    private func fault(_ function: String) throws -> any Fault {
        try #require(try ResourcePlugin().fault(function))
    }

    /// A context whose tag no other test has.
    private func context(_ arguments: JSONObject = [:]) -> StepContext {
        StepContext(
            runID: "test-\(getpid())",
            arguments: arguments,
            seed: UInt64.random(in: 0 ... .max)
        )
    }

    @Test func `busy children take processor time and are gone after the undo`() async throws {
        try await onLoop {
            let fault = try fault("cpu")
            let context = context(["workers": 2, "share": 0.5])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            try await until("they took time") { try await fault.confirm(context, undo).hits > 50 }
            let effect = try await fault.confirm(context, undo)
            #expect(effect.detail["children"]?.arrayValue?.count == 2)
            await #expect(throws: ResourceError.self) { try await fault.confirmReverted(undo) }
            for _ in 1...2 {
                try await fault.revert(undo)
                try await fault.confirmReverted(undo)
            }
        }
    }

    @Test func `a burden ends by itself when its lease is over`() async throws {
        try await onLoop {
            let name = "chaos-lease\(getpid() % 1000)"
            let child = try BurdenProcess.start(
                .processor(percent: 1),
                name: name,
                lease: .milliseconds(50)
            )
            try await until("it ended") { ProcessTable.entry(child.pid)?.state ?? "Z" == "Z" }
            #expect(BurdenProcess.running(name: name).isEmpty)
            #expect(BurdenProcess.killAll(name: name) == 0)
            #expect(ProcessTable.entry(child.pid) == nil)
        }
    }

    @Test func `memory is held and given back`() async throws {
        try await onLoop {
            let fault = try fault("memory")
            let context = context(["size": .integer(32 << 20)])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            try await until("it is held") { try await fault.confirm(context, undo).hits >= 32 }
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            #expect(try await fault.confirm(context, undo).hits == 0)
        }
    }

    @Test func `more than half of the memory is refused`() async throws {
        try await onLoop {
            let context = context(["size": .integer(1 << 50)])
            let error = await #expect(throws: ResourceError.self) {
                _ = try await fault("memory").prepare(context)
            }
            #expect(error?.description.contains("more than half") == true)
        }
    }

    @Test func `processors and memory are the whole host's, descriptors are the target's`() throws {
        let plugin = try ResourcePlugin()
        #expect(try plugin.hostReach(of: "cpu", context())?.contains("processors") == true)
        #expect(try plugin.hostReach(of: "memory", context())?.contains("memory") == true)
        var own = context()
        own.target = .process("\(getppid())")
        #expect(try plugin.hostReach(of: "descriptors", own) == nil)
    }

    @Test func `a process without free descriptors opens nothing, until the undo`() async throws {
        try await onLoop {
            let directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-resource-")
            defer { try? SystemFiles.removeTree(directory) }
            let said = "\(directory)/said"
            // Its output is open already; each round wants one more descriptor for a moment.
            let script = "while :; do if ( : < /dev/null ); then echo yes; else echo no; fi; done"
            var request = SpawnRequest(executable: "/bin/sh", arguments: ["-c", script])
            request.newSession = true
            request.dieWithParent = true
            request.stdout = .file(said, append: true)
            request.stderr = .null
            let child = try ChildProcess.spawn(request)
            defer { child.signalGroup(SIGKILL) }
            func nextAnswer() async throws -> String? {
                let length = try SystemFiles.read(said).count
                try await until("it answers") { try SystemFiles.read(said).count > length + 8 }
                return String(decoding: try SystemFiles.read(said), as: UTF8.self)
                    .split(separator: "\n").last.map(String.init)
            }
            #expect(try await nextAnswer() == "yes")
            var context = context(["spare": 0])
            context.target = .process("\(child.pid)")
            let former = try OpenFileLimit.of(child.pid)
            let fault = try fault("descriptors")
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            #expect(try await nextAnswer() == "no")
            try await until("none is free") { try await fault.confirm(context, undo).hits > 0 }
            #expect(try OpenFileLimit.of(child.pid).hard == former.hard)
            await #expect(throws: ResourceError.self) { try await fault.confirmReverted(undo) }
            for _ in 1...2 {
                try await fault.revert(undo)
                try await fault.confirmReverted(undo)
                #expect(try OpenFileLimit.of(child.pid) == former)
            }
            #expect(try await nextAnswer() == "yes")
        }
    }

    @Test func `a limit that the process changed itself is left alone`() async throws {
        try await onLoop {
            var request = SpawnRequest(executable: "/bin/sleep", arguments: ["600"])
            request.newSession = true
            request.dieWithParent = true
            let child = try ChildProcess.spawn(request)
            defer { child.signalGroup(SIGKILL) }
            var context = context(["spare": 5])
            context.target = .process("\(child.pid)")
            let fault = try fault("descriptors")
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            #expect(try await fault.confirm(context, undo).hits == 0)
            try OpenFileLimit.setSoft(77, of: child.pid)
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            #expect(try OpenFileLimit.of(child.pid).soft == 77)
        }
    }

    @Test func `a server's connections are held, clients are put out, and all is given back`()
        async throws
    {
        try await withServer { cluster in
            let client = try await PostgresConnection.connect(cluster.conninfo())
            var context = context(["leave": 4, "evict": true])
            context.target = .service("orders")
            context.system = SystemDescription(
                name: "shop",
                services: [.init(name: "orders")],
                links: [],
                databases: [.init(service: "orders", observer: cluster.socketConninfo())]
            )
            let fault = try fault("connections")
            let undo = try await fault.prepare(context)
            let limit = try #require(undo.state["limit"]?.integerValue)
            try await fault.inject(context, undo)
            let effect = try await fault.confirm(context, undo)
            #expect(effect.hits == Int(limit) - 4)
            await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            await #expect(throws: ResourceError.self) { try await fault.confirmReverted(undo) }
            // Four are left to others, and not one more.
            var others: [PostgresConnection] = []
            let refused = await #expect(throws: PostgresError.self) {
                for _ in 1...8 {
                    others.append(
                        try await PostgresConnection.connect(cluster.socketConninfo())
                    )
                }
            }
            #expect(refused?.sqlState == "53300")
            #expect(others.count <= 4)
            for connection in others { connection.close() }
            for _ in 1...2 {
                try await fault.revert(undo)
                try await until("all is given back") {
                    (try? await fault.confirmReverted(undo)) != nil
                }
            }
        }
    }

    @Test func `the plugin finds out by trying that it works here`() async throws {
        try await onLoop {
            let checks = try await ResourcePlugin().selfChecks()
            let faults = try ResourcePlugin().manifest.functions.map(\.name)
            #expect(Set(checks.map(\.function)) == Set(faults))
            #expect(checks.prefix(3).allSatisfy { $0.verdict == .works })
        }
    }
}
