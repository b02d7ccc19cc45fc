import ChaosJournal
import ChaosModel
import ChaosPlan
import EventLoop
import JSON
import LinuxSystem
import RunnerFixtures
import Synchronization
import Testing

@testable import ChaosRunner

/// Whole runs in this process, with a real guardian beside it.
@Suite struct RunnerTests {
    /// What a run came to, and what it told the terminal.
    private struct Told: Sendable {
        var outcome: RunOutcome
        var events: [JournalEvent]
        var progress: [RunProgress]
    }

    private func perform(
        _ sandbox: Sandbox,
        _ plan: Plan,
        document: JSONValue = ["title": "Markers"],
        system: (any SystemProvider)? = nil,
        progress: @escaping @Sendable (RunProgress) -> Void = { _ in }
    ) async throws -> Told {
        try await onLoop { _ in
            let told = Mutex<[RunProgress]>([])
            var options = ExperimentRunner.Options(
                plugins: [MarkerPlugin()],
                output: sandbox.output,
                guardian: [
                    "/usr/bin/env", "CHAOS_STATE_DIR=\(sandbox.directory)",
                    HostProcess.executable, "guardian",
                ],
                toolVersion: "test"
            )
            options.ledger = sandbox.ledger
            options.system = system
            options.progress = { step in
                told.withLock { $0.append(step) }
                progress(step)
            }
            let outcome = try await ExperimentRunner(options).run(experiment: document, plan: plan)
            return Told(
                outcome: outcome,
                events: try sandbox.events(),
                progress: told.withLock { $0 }
            )
        }
    }

    private func hypothesis(
        _ probes: [PlannedStep],
        _ strategy: HypothesisStrategy = .onFault,
        frequency: Duration = .milliseconds(20),
        recoversWithin: Duration? = nil
    ) -> PlannedHypothesis {
        var hypothesis = Hypothesis(title: "steady")
        hypothesis.strategy = strategy
        hypothesis.frequency = frequency
        hypothesis.recoversWithin = recoversWithin
        return PlannedHypothesis(hypothesis, probes: probes)
    }

    private func readings(_ told: Told, _ phase: ProbePhase?) -> [ProbeReading] {
        told.events.compactMap { event in
            guard case .probe(let reading) = event.payload else { return nil }
            return reading.phase == phase ? reading : nil
        }
    }

    private func ended(_ told: Told) -> RunEnded? {
        guard case .runEnded(let ended)? = told.events.last?.payload else { return nil }
        return ended
    }

    @Test func `the journal tells the run from its start to its end without a gap`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let told = try await perform(
            sandbox,
            MarkerPlan.plan(path: sandbox.marker, hold: .milliseconds(60))
        )
        #expect(told.events.map(\.sequence) == Array(1...told.events.count))
        guard case .runStarted(let started)? = told.events.first?.payload else {
            Issue.record("the journal does not begin with the run")
            return
        }
        #expect(started.seed == 7 && started.runID == told.outcome.runID)
        #expect(ended(told) == RunEnded(reason: .completed))
        let phases = told.events.compactMap { event -> PhaseChange.Phase? in
            guard case .phase(let change) = event.payload else { return nil }
            return change.phase
        }
        #expect(phases == [.start, .warmUp, .baseline, .method, .recovery, .settle, .end])
        #expect(try SystemFiles.linkDestination(sandbox.latest) == told.outcome.directory.lastPart)
    }

    @Test func `a gate that is not met injects nothing, and rollbacks are carried out`()
        async throws
    {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        var plan = MarkerPlan.plan(path: sandbox.marker, hold: .seconds(60))
        let other = "\(sandbox.directory)/other"
        try sandbox.write("x", to: other)
        plan.hypothesis = hypothesis([
            MarkerPlan.probe(path: other, tolerance: false, phases: [.before])
        ])
        plan.rollbacks = [MarkerPlan.removal(path: other), MarkerPlan.removal(path: other)]
        let told = try await perform(sandbox, plan)
        #expect(readings(told, .before).map(\.met) == [false])
        #expect(try sandbox.faultStates().isEmpty)
        #expect(ended(told)?.reason == .completed)
        #expect(ended(told)?.detail?.contains("nothing was injected") == true)
        let actions = told.events.compactMap { event -> ActionOutcome? in
            guard case .action(let outcome) = event.payload else { return nil }
            return outcome
        }
        #expect(actions.map { $0.error == nil } == [true, false])
        #expect(sandbox.text(other) == nil)
    }

    @Test func `probes are read while the fault is in effect, also just before its undo`()
        async throws
    {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        var plan = MarkerPlan.plan(path: sandbox.marker, hold: .milliseconds(150))
        let probe = MarkerPlan.probe(
            path: sandbox.marker,
            tolerance: true,
            phases: [.during]
        )
        plan.hypothesis = hypothesis([probe])
        let often = readings(try await perform(sandbox, plan), .during)
        #expect(often.count >= 3)
        #expect(often.allSatisfy { $0.met == true })
        plan.hypothesis = hypothesis([probe], frequency: .seconds(60))
        let told = try await perform(sandbox, plan)
        #expect(readings(told, .during).map(\.met) == [true])
        #expect(readings(told, .after).isEmpty)
    }

    @Test func `after the undo, readings are repeated until the steady state is back`()
        async throws
    {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let flag = "\(sandbox.directory)/flag"
        try sandbox.write("x", to: flag)
        var plan = MarkerPlan.plan(path: sandbox.marker, hold: .milliseconds(30))
        plan.hypothesis = hypothesis(
            [MarkerPlan.probe(path: flag, tolerance: false, phases: [.after])],
            recoversWithin: .seconds(30)
        )
        let count = Mutex(0)
        let told = try await perform(sandbox, plan) { progress in
            guard case .probe(let reading) = progress, reading.phase == .after else { return }
            let isThird = count.withLock { count in
                count += 1
                return count == 3
            }
            if isThird { try? SystemFiles.removeTree(flag) }
        }
        #expect(readings(told, .after).map(\.met) == [false, false, false, true])
        #expect(ended(told)?.reason == .completed)
    }

    @Test func `without time to recover the steady state is read once`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.write("x", to: "\(sandbox.directory)/flag")
        var plan = MarkerPlan.plan(path: sandbox.marker, hold: .milliseconds(30))
        plan.hypothesis = hypothesis([
            MarkerPlan.probe(
                path: "\(sandbox.directory)/flag",
                tolerance: false,
                phases: [.after]
            )
        ])
        #expect(readings(try await perform(sandbox, plan), .after).map(\.met) == [false])
    }

    @Test func `an abort condition reverts everything and ends the run`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        var plan = MarkerPlan.plan(path: sandbox.marker, hold: .seconds(60))
        let second = "\(sandbox.directory)/second"
        plan.steps.insert(
            MarkerPlan.fault(path: second, hold: .seconds(60), background: true),
            at: 0
        )
        plan.aborts = [
            PlannedAbort(
                probe: MarkerPlan.probe(
                    path: sandbox.marker,
                    tolerance: true,
                    phases: [],
                    name: "too much"
                ),
                period: .milliseconds(20)
            )
        ]
        let told = try await perform(sandbox, plan)
        #expect(ended(told)?.reason == .aborted)
        #expect(ended(told)?.detail?.contains("too much") == true)
        #expect(sandbox.text() == nil && sandbox.text(second) == nil)
        #expect(try sandbox.faultStates().filter { $0 == .reverted }.count == 2)
        #expect(try sandbox.ledger.accounts().isEmpty)
    }

    @Test func `an undo that cannot be confirmed ends the run and stays in the ledger`()
        async throws
    {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.write("original")
        var plan = MarkerPlan.plan(path: sandbox.marker, hold: .milliseconds(50))
        plan.steps.append(MarkerPlan.fault(path: sandbox.marker, hold: .seconds(60), index: 1))
        // A directory in the place of the file: the former content cannot be restored.
        let told = try await perform(sandbox, plan) { progress in
            guard case .fault(let transition) = progress, transition.state == .reverting else {
                return
            }
            try? SystemFiles.removeTree(sandbox.marker)
            try? SystemFiles.createDirectory(sandbox.marker, mode: 0o700, parents: false)
        }
        #expect(told.outcome.left.map(\.faultID) == ["fault-1"])
        #expect(ended(told)?.reason == .failed)
        #expect(ended(told)?.detail?.contains("chaos recover") == true)
        #expect(
            try sandbox.faultStates() == [
                .prepared, .injected, .confirmed, .reverting, .revertFailed,
            ]
        )
        #expect(sandbox.guardianStates.contains(.revertFailed))
        try SystemFiles.removeTree(sandbox.marker)
        let report = try await onLoop { loop in
            // This process is the runner and lives: what it left is for the time after it.
            let entries = try sandbox.ledger.account(of: told.outcome.runID).entries
            try sandbox.open(told.outcome.runID)
            #expect(entries.count == 1)
            return await Recovery.recover(
                plugins: [MarkerPlugin()],
                ledger: sandbox.ledger,
                loop: loop
            )
        }
        #expect(report.isClean && sandbox.text() == "original")
    }

    @Test func `a fault that cannot be prepared is written down and the method goes on`()
        async throws
    {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        var plan = MarkerPlan.plan(path: sandbox.directory, hold: .milliseconds(20))
        plan.steps.append(
            MarkerPlan.fault(path: sandbox.marker, hold: .milliseconds(20), index: 1)
        )
        let told = try await perform(sandbox, plan)
        #expect(
            try sandbox.faultStates() == [
                .failed, .prepared, .injected, .confirmed, .reverting, .reverted,
            ]
        )
        #expect(ended(told)?.reason == .completed)
    }

    @Test func `secrets are replaced by a mark wherever they would be written`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let plan = MarkerPlan.plan(path: "\(sandbox.directory)/${token}", hold: .milliseconds(20))
        let told = try await perform(
            sandbox,
            plan,
            document: [
                "title": "t", "secrets": ["api": ["token": "hunter2hunter2"]],
                "configuration": ["note": "hunter2hunter2 here"],
            ]
        )
        #expect(told.outcome.reason == .completed)
        let journal = String(decoding: try SystemFiles.read(told.outcome.journal), as: UTF8.self)
        #expect(!journal.contains("hunter2hunter2"))
        #expect(journal.contains("(redacted) here"))
    }

    @Test func `a system that does not come up ends the run before anything is injected`()
        async throws
    {
        struct Broken: SystemProvider {
            func start(
                runID: String,
                progress: @escaping @Sendable (String) -> Void
            ) async throws -> SystemDescription {
                throw MarkerError(description: "no such system")
            }
            func stop() async {}
        }
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let plan = MarkerPlan.plan(path: sandbox.marker, hold: .seconds(60))
        let told = try await perform(sandbox, plan, system: Broken())
        #expect(ended(told) == RunEnded(reason: .failed, detail: "no such system"))
        #expect(try sandbox.faultStates().isEmpty)
        #expect(try sandbox.ledger.accounts().isEmpty)
    }
}

extension String {
    fileprivate var lastPart: String { split(separator: "/").last.map(String.init) ?? self }
}
