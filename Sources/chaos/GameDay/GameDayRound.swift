import ChaosGameDay
import ChaosJournal
import ChaosModel
import ChaosPluginAPI
import ChaosRunner
import ChaosVerdict
import EventLoop
import Glibc
import JSON
import LinuxSystem

/// One run of an experiment for a GameDay: a process of its own, followed through its journal and
/// the ledger, ended as Ctrl-C would end it.
///
/// The kernel interrupts it when this process dies: no fault outlives its conductor. Its own
/// guardian watches over it all the same.
struct GameDayRound {
    /// How often the journal and the ledger are looked at: the page is never older than that.
    static let lookEvery = Duration.milliseconds(200)

    let directory: GameDayDirectory
    let conductor: GameDayConductor
    let flags: RunFlags
    /// The round; `nil`: the checks.
    let round: Int?

    /// Runs the experiment to its end; on the main loop.
    ///
    /// Throws what keeps the process from being started, and `SystemError` when the GameDay's
    /// journal cannot be written.
    func perform(_ experiment: JSONValue, name: String, seed: UInt64?) async throws -> RoundResult {
        let plan = conductor.day.plan
        let folder = round.map { "rounds/" + plan.folder(of: $0) } ?? "checks"
        let output = "\(directory.path)/\(folder)"
        try SystemFiles.createDirectory(output, mode: 0o755, parents: true)
        let file = "\(output)/\(name).json"
        let text = Array(experiment.serialized(pretty: true).utf8)
        try SystemFiles.writeAtomically(file, text, mode: 0o644)
        var request = SpawnRequest(executable: executablePath(), arguments: [])
        request.arguments = ["run", file, "--quiet", "--output", output]
        if let seed { request.arguments += ["--seed", "\(seed)"] }
        request.arguments += flags.words
        request.stdout = .null
        request.stderr = .file("\(output)/\(name).log", append: false)
        request.newSession = true
        request.dieWithParent = true
        request.deathSignal = SIGINT
        let child = try ChildProcess.spawn(request)
        let started = ProcessIdentity.startTime(child.pid) ?? 0
        try note(["pid": .integer(Int64(child.pid)), "started": .integer(Int64(clamping: started))])
        // Owned by this call, which awaits it.
        let follower = Loop.current?.spawn { try await follow(child) }
        let status = try await child.wait().shellStatus
        // It looks once more after the end, so that the undo is in the journal too.
        _ = await follower?.result
        conductor.show(conductor.dashboard.live, [])
        return result(status, folder: folder, name: name)
    }

    /// Writes down what is known of the process.
    private func note(_ data: JSONObject) throws {
        guard let round else { return }
        try conductor.append(.init(.runBegun, round: round, data: data))
    }

    /// Looks until the process has ended, and once after that; passes on a stop and the end of the
    /// time box.
    private func follow(_ child: ChildProcess) async throws {
        guard let loop = Loop.current else { return }
        var live = LiveRun()
        var tail: JournalTail?
        var isStopping = false
        let start = Loop.monotonicNanoseconds()
        let box = round.map { conductor.day.plan.rounds[$0].timeBox } ?? .seconds(600)
        while true {
            if !isStopping, isOver(since: start, box) || isEnding {
                isStopping = true
                child.signal(SIGINT)
            }
            let isLast = child.status != nil
            let run = (try? RunStatus.list())?.first { $0.pid == child.pid }
            if tail == nil, let path = run?.directory {
                tail = JournalTail(path: "\(path)/journal.jsonl")
                try note(["directory": .string(path)])
            }
            for event in tail?.events() ?? [] {
                guard let milestone = live.take(event), let round else { continue }
                try conductor.append(
                    .init(
                        .happened,
                        round: round,
                        text: milestone.text,
                        data: ["kind": .string(milestone.kind.rawValue)]
                    )
                )
            }
            conductor.show(live, Self.leases(run))
            if isLast { return }
            try await stopOrPause(loop, isStopping, child)
        }
    }

    /// Waits for the next look, or less when somebody asks for the end.
    private func stopOrPause(
        _ loop: Loop,
        _ isStopping: Bool,
        _ child: ChildProcess
    ) async throws {
        var left = 4
        while left > 0, child.status == nil, isStopping || !isEnding {
            try await loop.sleep(for: Self.lookEvery / 4)
            left -= 1
        }
    }

    /// Whether somebody asked for the end; of the checks, by ending the day.
    private var isEnding: Bool {
        let day = conductor.day
        return round == nil ? day.stage != .checking : day.isStopAsked
    }

    private func isOver(since start: Int64, _ box: Duration) -> Bool {
        guard Loop.monotonicNanoseconds() - start > box.nanosecondsClamped else { return false }
        guard let round, !conductor.day.isStopAsked else { return true }
        try? conductor.append(.init(.stopAsked, round: round, by: "time box", text: box.text))
        return true
    }

    private static func leases(_ run: RunStatus?) -> [DashboardState.Lease] {
        (run?.faults ?? []).map { entry in
            .init(function: entry.undo.function, target: entry.undo.target, until: entry.until)
        }
    }

    private func result(_ status: Int32, folder: String, name: String) -> RoundResult {
        let link = "\(directory.path)/\(folder)/\(name)/latest"
        guard let run = try? SystemFiles.linkDestination(link),
            let journal = try? SystemFiles.read(
                "\(directory.path)/\(folder)/\(name)/\(run)/journal.jsonl"
            )
        else {
            let log = "\(directory.path)/\(folder)/\(name).log"
            return RoundResult(.failed, "It could not be run: \(Self.lastWords(log)).")
        }
        return Self.result(
            journal,
            outcome: outcome(status),
            evidence: "\(folder)/\(name)/\(run)"
        )
    }

    private func outcome(_ status: Int32) -> RoundOutcome {
        let outcome = RoundOutcome(exitStatus: status)
        return outcome == .interrupted && conductor.day.attempt?.stoppedBy != nil
            ? .stopped : outcome
    }

    /// What a run's journal says, in the words of a GameDay.
    static func result(_ journal: [UInt8], outcome: RoundOutcome, evidence: String) -> RoundResult {
        let (events, _) = JournalReader.events(in: journal)
        let verdict = Judge.judge(events)
        var result = RoundResult(outcome, verdict.sentence)
        result.evidence = evidence
        result.reasons = verdict.reasons.filter { $0.effect != .informs }.prefix(6).map(\.text)
        result.faults = verdict.faults.prefix(12).map(\.effect)
        result.recovery = verdict.recovery?.measured
        LiveRun(events).complete(&result)
        return result
    }

    private static func lastWords(_ log: String) -> String {
        let words = (try? SystemFiles.read(log)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return words.split(separator: "\n").last.map(String.init) ?? "it said nothing"
    }
}
