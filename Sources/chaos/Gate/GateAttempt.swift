import ChaosGate
import ChaosModel
import ChaosVerdict
import EventLoop
import LinuxSystem

/// One `chaos run` as a process of its own, so that the gate survives whatever happens to it.
struct GateAttempt {
    /// What the process left.
    struct Outcome: Sendable {
        var status: Int32
        var directory: String?
        var verdict: Verdict?
        /// What it said last; only where there is no verdict.
        var lastWords: String
    }

    let entry: GateEntry
    let request: GateRequest
    let stops: GateStops

    /// Runs it to its end; on a loop.
    func perform() async throws -> Outcome {
        let logs = "\(request.output)/gate"
        try SystemFiles.createDirectory(logs, mode: 0o755, parents: true)
        let log = "\(logs)/\(entry.name).log"
        let link = "\(request.output)/\(entry.name)/latest"
        let before = try? SystemFiles.linkDestination(link)
        var spawn = SpawnRequest(executable: executablePath(), arguments: arguments)
        spawn.stdout = .null
        spawn.stderr = .file(log, append: false)
        // A session of its own: Ctrl-C reaches it once, through us.
        spawn.newSession = true
        let child = try ChildProcess.spawn(spawn)
        stops.add(child.pid)
        let status = try await child.wait().shellStatus
        stops.remove(child.pid)
        let words = (try? SystemFiles.read(log)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        var outcome = Outcome(
            status: status,
            lastWords: words.split(separator: "\n").last.map(String.init) ?? "it said nothing"
        )
        guard let after = try? SystemFiles.linkDestination(link), after != before else {
            return outcome
        }
        let directory = "\(request.output)/\(entry.name)/\(after)"
        outcome.directory = directory
        if let report = try? RunReport(path: "\(directory)/journal.jsonl") {
            outcome.verdict = report.isEmpty ? nil : report.verdict
        }
        return outcome
    }

    private var arguments: [String] {
        var words = ["run", entry.file, "--quiet", "--output", request.output]
        if let seed = request.seed ?? entry.seed { words += ["--seed", "\(seed)"] }
        return words + request.flags.words
    }
}
