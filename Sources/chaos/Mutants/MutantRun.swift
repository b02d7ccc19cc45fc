import ChaosVerdict
import EventLoop
import Glibc
import JSON
import LinuxSystem
import ShopCore

/// One `chaos shop mutants --run`: every trial as a run of its own, one after the other.
struct MutantRun {
    private let request: MutantRequest
    private let stops = GateStops()

    init(_ request: MutantRequest) {
        self.request = request
    }

    /// Returns the exit status: 0 when every mutant was caught and nothing else was said.
    func perform() async throws -> Int32 {
        let trials = MutantTrial.all(request.mutants, seeds: request.seeds)
        var results = try MutantResults(file: request.results, isResumed: request.isResumed)
        try watchSignals()
        // What proved neither is tried again: the machine was too slow, or the fault found nothing.
        let missing = trials.filter { results[$0].map { $0.finding == .unjudged } ?? true }
        say("\(trials.count) trials, \(missing.count) to run")
        let begin = Loop.monotonicNanoseconds()
        for (index, trial) in missing.enumerated() {
            guard stops.reason == nil else { break }
            let result = try await perform(trial)
            guard stops.reason == nil else { break }
            try results.add(result)
            let spent = Double(Loop.monotonicNanoseconds() - begin) / 1e9
            let rest = spent / Double(index + 1) * Double(missing.count - index - 1)
            let time = "\(Int((rest / 60).rounded(.up))) min left"
            say("[\(index + 1)/\(missing.count), \(time)] \(line(result))")
        }
        let table = MutantTable(trials: trials, results: results, note: request.note)
        if let page = request.page {
            try SystemFiles.writeAtomically(page, Array(table.markdown.utf8), mode: 0o644)
        }
        Console.answer(request.isJSON ? table.json.serialized(pretty: true) : table.summary)
        if stops.reason != nil { return 130 }
        return table.isPerfect ? ExitStatus.held : ExitStatus.deviated
    }

    private func watchSignals() throws {
        let signals = try SignalSource.on([SIGINT, SIGTERM])
        let stops = stops
        // Owned by the loop: it ends with the program.
        Loop.current?.spawn {
            for await _ in signals {
                Console.say("Stopping: what runs is interrupted and undone first.")
                stops.stop(.signal)
            }
        }
    }

    /// Runs a trial to its end, in a process of its own.
    private func perform(_ trial: MutantTrial) async throws -> MutantResult {
        let subject = trial.mutant ?? "correct"
        let output = "\(request.output)/mutants/\(subject)"
        try SystemFiles.createDirectory(output, mode: 0o755, parents: true)
        let log = "\(output)/\(trial.name).log"
        var words = ["run", "\(request.experiments)/\(trial.schedule)", "--quiet"]
        words += ["--output", output, "--seed", "\(trial.seed)"]
        if let mutant = trial.mutant { words += ["--mutant", mutant] }
        var spawn = SpawnRequest(executable: executablePath(), arguments: words)
        spawn.stdout = .null
        spawn.stderr = .file(log, append: false)
        // A session of its own: Ctrl-C reaches it once, through us.
        spawn.newSession = true
        let begin = Loop.monotonicNanoseconds()
        let child = try ChildProcess.spawn(spawn)
        stops.add(child.pid)
        let status = try await child.wait().shellStatus
        stops.remove(child.pid)
        let journal = "\(output)/\(trial.name)/latest/journal.jsonl"
        let verdict = (try? RunReport(path: journal))?.verdict
        return MutantResult(
            trial: trial,
            status: status,
            broken: (verdict?.invariants ?? []).filter { $0.holds == false }.map(\.name),
            witness: witness(of: trial, verdict),
            sentence: verdict?.sentence ?? "The run left no journal: see \(log).",
            seconds: Double(Loop.monotonicNanoseconds() - begin) / 1e9
        )
    }

    /// What a witness may be of: an order, an article, or a part of the event side.
    private static let subjects = ["order", "sku", "partition", "customer", "event", "account"]

    /// A witness must say what is wrong, and of what.
    private func witness(of trial: MutantTrial, _ verdict: Verdict?) -> String? {
        let name = trial.mutant.flatMap { Mutant(named: $0) }?.invariant
        let row = verdict?.invariants.first { row in
            name.map { row.name == $0 } ?? (row.holds == false)
        }
        guard let witness = row?.witnesses.first, let reason = witness["reason"]?.stringValue,
            Self.subjects.contains(where: { witness[$0]?.stringValue?.isEmpty == false })
        else { return nil }
        return reason
    }

    private func line(_ result: MutantResult) -> String {
        let subject = result.trial.mutant ?? "correct shop"
        let place = "\(subject) under \(result.trial.name), seed \(result.trial.seed)"
        let detail = result.witness ?? (result.finding == .held ? "" : result.sentence)
        return "\(result.finding.rawValue)  \(place) (\(NumberText.seconds(result.seconds)))"
            + (detail.isEmpty ? "" : ": \(detail)")
    }

    private func say(_ text: String) {
        if !request.isQuiet { Console.say(text) }
    }
}
