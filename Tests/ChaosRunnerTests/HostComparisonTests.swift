import BundledPlugins
import ChaosJournal
import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import ChaosVerdict
import EventLoop
import Glibc
import JSON
import LinuxSystem
import NFTables
import RunnerFixtures
import Testing

@testable import ChaosRunner

/// The machine is compared with what it was before, on real state of the kernel.
@Suite(.serialized) struct HostComparisonTests {
    @Test func `what others change is told, and what is gone took its fault along`() {
        let before = HostState(
            facts: [
                HostFact("a", "1"), HostFact("b", "1"), HostFact("c", "1", isShared: true),
                HostFact("d", "1"),
            ],
            tagged: ["of another fault"]
        )
        let after = HostState(
            facts: [
                HostFact("a", "1"), HostFact("b", "2"), HostFact("c", "2", isShared: true),
                HostFact("new", "1"),
            ],
            tagged: ["of another fault", "partition host on x"]
        )
        let comparison = after.compared(with: before)
        #expect(comparison.facts == 4)
        #expect(comparison.left == ["partition host on x is still there", "b: 2, was 1"])
        #expect(comparison.others == ["c: 2, was 1"])
        #expect(before.compared(with: before).left.isEmpty)
    }

    @Test(.enabled(if: UserAccount.isRoot, "needs root, which makes network namespaces"))
    func `a table of ours that appears after the undo is exit status 4, a foreign one is told`()
        async throws
    {
        for isOurs in [true, false] {
            let name = "chaos-host-\(getpid())-\(isOurs)"
            let namespace = try #require(NetworkNamespace(named: name))
            try namespace.create()
            defer { try? namespace.remove() }
            let told = try await run(CrashSubject.partition(in: name)) { undo in
                let ours = undo.state["table"]?.stringValue ?? ""
                let table = try #require(TableName(.inet, isOurs ? ours : "theirs"))
                var batch = Batch()
                let chain = HookedChain("in", in: table, hook: .input)
                batch.add(table: table)
                batch.add(chain: chain)
                // It carries our remark, as every rule that is placed this way.
                batch.add(rule: Rule([], verdict: .drop), to: chain)
                try NFTablesConnection(in: namespace).apply(batch)
            }
            let isTold = told.comparison.others.contains { $0.contains("theirs") }
            #expect(isTold == !isOurs, "\(told.comparison)")
            #expect(told.comparison.left.isEmpty == !isOurs, "\(told.comparison)")
            #expect((told.verdict.exitStatus == 4) == isOurs, "\(told.verdict.sentence)")
            guard isOurs else { continue }
            #expect(told.verdict.sentence.contains("UNDO INCOMPLETE: this machine is not as it"))
            #expect(told.verdict.sentence.contains("partition host on"))
            #expect(told.notes.contains { $0.hasPrefix("NOT AS BEFORE: partition host on") })
        }
    }

    @Test func `a limit that is not what it was is exit status 4`() async throws {
        var request = SpawnRequest(executable: "/bin/sleep", arguments: ["600"])
        request.newSession = true
        let held = request
        let child = try await onLoop { _ in try ChildProcess.spawn(held) }
        defer { kill(child.pid, SIGKILL) }
        var specification = FaultSpecification("resource", "descriptors", ["spare": 0])
        specification.target = .process("\(child.pid)")
        let soft = try OpenFileLimit.of(child.pid).soft
        let told = try await run(specification) { _ in
            try OpenFileLimit.setSoft(soft - 1, of: child.pid)
        }
        #expect(told.comparison.left.first?.hasSuffix(": \(soft - 1), was \(soft)") == true)
        #expect(told.verdict.exitStatus == 4)
        let clean = try await run(specification) { _ in }
        #expect(clean.comparison == HostComparison(facts: 1))
        #expect(clean.verdict.exitStatus != 4)
    }

    private struct Told: Sendable {
        var comparison: HostComparison
        var verdict: Verdict
        var notes: [String]
    }

    /// Runs the fault in this process; something happens right after its undo was verified.
    private func run(
        _ specification: FaultSpecification,
        afterUndo: @escaping @Sendable (UndoRecord) throws -> Void
    ) async throws -> Told {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let notes = Notes()
        return try await onLoop { _ in
            let plugins = bundledPlugins.map { SabotagedPlugin(plugin: $0, afterUndo: afterUndo) }
            var options = ExperimentRunner.Options(
                plugins: plugins,
                output: sandbox.output,
                guardian: [
                    "/usr/bin/env", "CHAOS_STATE_DIR=\(sandbox.directory)",
                    HostProcess.executable, "guardian",
                ],
                toolVersion: "test"
            )
            options.ledger = sandbox.ledger
            options.progress = { step in
                if case .note(let text) = step { notes.add(text) }
            }
            _ = try await ExperimentRunner(options).run(
                experiment: ["title": "Host"],
                plan: try specification.plan(plugins)
            )
            let events = try sandbox.events()
            let comparison = events.compactMap { event -> HostComparison? in
                guard case .hostCompared(let comparison) = event.payload else { return nil }
                return comparison
            }
            return Told(
                comparison: try #require(comparison.last),
                verdict: Judge.judge(events),
                notes: notes.all
            )
        }
    }
}
