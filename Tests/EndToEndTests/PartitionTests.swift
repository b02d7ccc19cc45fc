import EventLoop
import Glibc
import JSON
import LinuxSystem
import NFTables
import NetworkFixtures
import Testing

/// Partitions by the real program: nothing of them outlives their lease, whoever is killed.
@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: NetworkLab.isPossible, "\(NetworkLab.need)")
)
struct PartitionTests {
    /// Runs an experiment that cuts node 2 off from node 1, until it is in effect.
    private func cut(_ lab: NetworkLab, _ program: Program) async throws -> ProcessTag {
        let node = lab.nodes[1].name ?? ""
        let text = """
            {"chaos": 1, "title": "Cut", "description": "Node 2 loses node 1.",
             "method": [{"type": "action", "name": "cut", "duration": "2m",
               "provider": {"type": "partition", "func": "host", "arguments":
                 {"namespace": "\(node)", "peers": ["\(NetworkLab.address(1))"]}}}]}
            """
        let path = "\(program.directory)/cut.json"
        try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o644)
        let words = ["run", path, "--output", "\(program.directory)/runs"]
        let pid = try await onLoop { try program.start(words, name: "run").pid }
        let start = try #require(ProcessIdentity.startTime(pid))
        let isCut = try await eventually(within: .seconds(60)) {
            try lab.delivered(1, from: 1, to: 2) == 0
        }
        let said = try program.text("run.err")
        try #require(isCut, "\(said)")
        return ProcessTag(pid: pid, start: start)
    }

    struct ProcessTag {
        var pid: Int32
        var start: UInt64
    }

    /// The guardian of a runner: its child.
    private func guardian(of runner: ProcessTag) throws -> ProcessTag {
        let children = try SystemFiles.read("/proc/\(runner.pid)/task/\(runner.pid)/children")
        for word in String(decoding: children, as: UTF8.self).split(separator: " ") {
            guard let pid = Int32(word), let start = ProcessIdentity.startTime(pid),
                let line = try? SystemFiles.read("/proc/\(pid)/cmdline"),
                String(decoding: line, as: UTF8.self).contains("guardian")
            else { continue }
            return ProcessTag(pid: pid, start: start)
        }
        throw LabError(description: "the runner \(runner.pid) has no guardian")
    }

    @Test func `with the runner killed, the guardian lets packets pass within two seconds`()
        async throws
    {
        try await withProgram { program in
            try await NetworkLab.run(nodes: 2) { lab, _ in
                let runner = try await cut(lab, program)
                ProcessIdentity.signal(runner.pid, startTime: runner.start, SIGKILL)
                let killed = Loop.monotonicNanoseconds()
                let isOpen = try await eventually(within: .seconds(30)) {
                    try lab.delivered(1, from: 1, to: 2) == 1
                }
                let seconds = Double(Loop.monotonicNanoseconds() - killed) / 1e9
                #expect(isOpen)
                #expect(seconds <= 2, "it took \(seconds) s")
                let isClean = try await eventually(within: .seconds(30)) {
                    try NFTablesConnection(in: lab.nodes[1]).tables().isEmpty
                }
                #expect(isClean)
            }
        }
    }

    @Test func `with runner and guardian killed the kernel ends it, and recover finds the rest`()
        async throws
    {
        try await withProgram { program in
            try await NetworkLab.run(nodes: 2) { lab, _ in
                let foreign = try #require(TableName(.inet, "chaos_of_somebody_else"))
                var batch = Batch()
                batch.add(table: foreign)
                try NFTablesConnection(in: lab.nodes[1]).apply(batch)
                let runner = try await cut(lab, program)
                let guardian = try guardian(of: runner)
                ProcessIdentity.signal(guardian.pid, startTime: guardian.start, SIGKILL)
                ProcessIdentity.signal(runner.pid, startTime: runner.start, SIGKILL)
                let killed = Loop.monotonicNanoseconds()
                #expect(try NFTablesConnection(in: lab.nodes[1]).tables().count == 3)
                let isOpen = try await eventually(within: .seconds(60)) {
                    try lab.delivered(1, from: 1, to: 2) == 1
                }
                let seconds = Double(Loop.monotonicNanoseconds() - killed) / 1e9
                #expect(isOpen)
                #expect(seconds < 30, "it took \(seconds) s")
                // The ledger is lost too.
                try SystemFiles.removeTree("\(program.directory)/state/ledger")
                let recovered = try await program.run("recover", "--json")
                #expect(recovered.status == 0, "\(recovered.answer)\(recovered.conversation)")
                #expect(recovered.answer.contains("found-by-tag"))
                #expect(try NFTablesConnection(in: lab.nodes[1]).tables() == [foreign])
            }
        }
    }
}

/// The shop in network namespaces.
@Suite(
    .serialized,
    .timeLimit(.minutes(10)),
    .enabled(if: NetworkLab.isPossible, "\(NetworkLab.need)")
)
struct NetworkShopTests {
    @Test func `the correct shop sits a one-way partition out, and nothing is left of it`()
        async throws
    {
        try await withProgram { program in
            let (outcome, run) = try await program.experiment("experiments/one-way-partition.json")
            #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
            let reverted = try program.journal(run).last {
                $0["event"]?.stringValue == "fault" && $0["state"]?.stringValue == "reverted"
            }
            #expect(reverted?["hits"]?.integerValue ?? 0 >= 10)
            #expect(reverted?["unit"] == "packets dropped")
        }
    }

    @Test func `the correct shop survives a slow and lossy network, whatever the kernel has`()
        async throws
    {
        try await withProgram { program in
            let plan = try await program.run("plan", "experiments/lossy-network.json")
            #expect(plan.answer.contains("   by       n"), "\(plan.answer)\(plan.conversation)")
            let (outcome, run) = try await program.experiment("experiments/lossy-network.json")
            #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
            let reverted = try program.journal(run).last {
                $0["event"]?.stringValue == "fault" && $0["state"]?.stringValue == "reverted"
            }
            #expect(reverted?["hits"]?.integerValue ?? 0 >= 200)
            #expect(reverted?["detail"]?["lost"]?.integerValue ?? 0 >= 10)
        }
    }

    @Test func `a shop that retries without a key is caught when answers are lost`() async throws {
        try await withProgram { program in
            let (outcome, run) = try await program.experiment(
                "experiments/lost-answers-partition.json",
                "--mutant",
                "retry-without-key"
            )
            #expect(outcome.status == 1, "\(outcome.answer)\n\(outcome.conversation)")
            let violated = try program.journal(run).first {
                $0["event"]?.stringValue == "invariant"
                    && $0["name"]?.stringValue == "no-double-charge-per-order"
            }
            #expect(violated?["holds"]?.boolValue == false)
        }
    }

    @Test func `the correct shop charges once when answers are lost`() async throws {
        try await withProgram { program in
            let (outcome, _) = try await program.experiment(
                "experiments/lost-answers-partition.json"
            )
            #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
        }
    }

    @Test func `a shop whose supervisor was killed is taken down with its namespaces`()
        async throws
    {
        try await withProgram { program in
            let up = try await program.run("shop", "up", "--topology", "netns", "--json")
            #expect(up.status == 0, "\(up.conversation)")
            let system = try JSONValue.parse(up.answer)
            let board = try #require(system["network"]?["switch"]?.stringValue)
            let prefix = board.dropLast("-switch".count)
            func ours() -> [String] {
                NetworkNamespace.allNamed().compactMap(\.name).filter { $0.hasPrefix(prefix) }
            }
            // One for each service, and the switch.
            let services = try #require(system["services"]?.arrayValue)
            #expect(ours().count == services.count + 1)
            let supervisor = try #require(prefix.split(separator: "-").last.flatMap { Int32($0) })
            let start = try #require(ProcessIdentity.startTime(supervisor))
            ProcessIdentity.signal(supervisor, startTime: start, SIGKILL)
            let isGone = try await eventually(within: .seconds(30)) {
                !ProcessIdentity.isAlive(supervisor, startTime: start)
            }
            #expect(isGone)
            #expect(try await program.run("shop", "down").status == 0)
            #expect(ours().isEmpty)
        }
    }
}
