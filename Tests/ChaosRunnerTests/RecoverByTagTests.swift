import BundledPlugins
import EventLoop
import LinuxSystem
import NFTables
import Netlink
import RunnerFixtures
import Testing

@testable import ChaosRunner

/// Runner, guardian and ledger are lost: what is ours is found by its tags, and nothing else.
@Suite(.serialized) struct RecoverByTagTests {
    @Test(
        .enabled(if: UserAccount.isRoot, "needs root, which makes network namespaces"),
        arguments: [CrashFault.partition, .pause, .descriptors]
            .filter(CrashFault.possible.contains)
    )
    func `without a ledger recover leaves alone what is not ours`(
        fault: CrashFault
    ) async throws {
        try await Self.recover(fault)
    }

    /// Kills a fault in effect with everybody, deletes the ledger, puts strangers beside it that
    /// look alike, and recovers.
    static func recover(_ fault: CrashFault) async throws {
        let isTagged = fault != .pause && fault != .descriptors
        try await onLoop { loop in
            let sandbox = try Sandbox()
            defer { sandbox.remove() }
            var subject = try await CrashSubject.start(fault, sandbox)
            subject.specification.killAt = .afterEffect
            subject.specification.victims = .both
            let host = try HostProcess(sandbox, subject.specification)
            _ = try await withDeadline(.seconds(30)) { try await host.child.wait() }
            #expect(sandbox.killedAt != nil, "\(sandbox.errors)")
            try SystemFiles.removeTree(sandbox.ledger.directory)
            let strangers = try Strangers()
            defer { strangers.remove() }
            let before = try strangers.state()
            let report = await Recovery.recover(
                plugins: bundledPlugins,
                ledger: sandbox.ledger,
                loop: loop
            )
            #expect(report.isClean, "\(report.failed)")
            // What has no room for a tag is what the ledger is for.
            #expect(try await subject.isClean() == isTagged)
            #expect(try strangers.state() == before)
            try await subject.stop()
        }
    }
}

/// Somebody else's namespace, table and disciplines, named much like ours.
private struct Strangers {
    private let name = "chaos-\(ProcessIdentity.current)-\(UInt32.random(in: 0 ... .max))"
    private let namespace: NetworkNamespace

    init() throws {
        namespace = try #require(NetworkNamespace(named: name))
        try namespace.create()
        let dead = "chaos_20261125-090512-a3f9d1_1_1_host-1"
        let theirs = try #require(TableName(.inet, "chaos_theirs"))
        var batch = Batch()
        // One of ours by its name, but without our remark; and one that has only the remark.
        batch.add(table: try #require(TableName(.inet, dead)))
        batch.add(table: theirs)
        let chain = HookedChain("in", in: theirs, hook: .input)
        batch.add(chain: chain)
        batch.add(rule: Rule([], verdict: .drop), to: chain)
        try NFTablesConnection(in: namespace).apply(batch)
        let socket = try RouteSocket.open(in: try OpenNamespace(named: name))
        let index = try #require(try socket.link(named: "lo")?.index)
        let form = QdiscForm.tbf(bytesPerSecond: 1_000_000, burst: 10_000, limit: 10_000)
        let handle = TrafficHandle(major: 0xc4a5)
        try socket.addQdisc(form, to: index, parent: .root, handle: handle)
    }

    func state() throws -> [String] {
        let socket = try RouteSocket.open(in: try OpenNamespace(named: name))
        return [try NFTablesConnection(in: namespace).ruleset()]
            + (try socket.qdiscs(of: nil).map { "\($0.kind) \($0.handle) \($0.options)" })
    }

    func remove() { try? namespace.remove() }
}
