import BundledPlugins
import ChaosGameDay
import ChaosModel
import ChaosRunner
import EventLoop
import Glibc
import JSON
import LinuxSystem
import ShopSupervisor

// The system, and what a crash left.
extension GameDayRun {
    /// The bundled shop is started once for the whole day; other systems are somebody else's.
    func startSystem(_ conductor: GameDayConductor) async throws -> (any SystemProvider)? {
        let provider: ShopProvider
        switch conductor.day.plan.system {
        case "shop": provider = ShopProvider(mutants: request.flags.mutants)
        case "shop-netns": provider = ShopProvider(mutants: request.flags.mutants, topology: .netns)
        default: return nil
        }
        let isOurs = conductor.day.ownsSystem
        let description = try await provider.start(runID: "gameday") { _ in }
        let hasStarted = provider.hasStarted || isOurs
        try conductor.append(
            .init(
                .systemStarted,
                text: "the shop is at \(description.gateway ?? "?")"
                    + (hasStarted ? ", started for this day" : ", joined"),
                data: ["ours": .bool(hasStarted)]
            )
        )
        // A shop that the day started before a crash is still the day's to stop.
        if hasStarted { provider.own() }
        return provider
    }

    /// Waits for the run of a round that was cut off, undoes what it left, and says how it ended.
    func settle(_ conductor: GameDayConductor, _ directory: GameDayDirectory) async throws {
        guard let loop = Loop.current, case .running(let round) = conductor.day.stage,
            !conductor.day.plan.rounds[round].isManual, let attempt = conductor.day.attempt
        else { return }
        if let (pid, started) = attempt.process {
            // The kernel has interrupted it; its own end takes no longer than this.
            ProcessIdentity.signal(pid, startTime: started, SIGINT)
            let deadline = Loop.monotonicNanoseconds() + Self.settleMaximum.nanosecondsClamped
            while ProcessIdentity.isAlive(pid, startTime: started),
                Loop.monotonicNanoseconds() < deadline
            {
                try await loop.sleep(for: .milliseconds(100))
            }
        }
        let recovered = await Recovery.recover(plugins: bundledPlugins, loop: loop)
        var result = Self.interrupted(attempt, directory)
        if !recovered.isClean {
            result.outcome = .undoIncomplete
            result.sentence = "It was cut off and could not be undone. Run 'chaos recover'."
        }
        try conductor.append(.init(.roundEnded, round: round, data: result.json))
    }

    private static let settleMaximum = Duration.seconds(30)

    private static func interrupted(
        _ attempt: GameDay.Attempt,
        _ directory: GameDayDirectory
    ) -> RoundResult {
        let sentence = "The GameDay's process was cut off; what was in effect is undone."
        let root = SystemFiles.absolute(directory.path) + "/"
        guard let run = attempt.directory, SystemFiles.absolute(run).hasPrefix(root),
            let journal = try? SystemFiles.read("\(run)/journal.jsonl")
        else { return RoundResult(.interrupted, sentence) }
        let evidence = String(SystemFiles.absolute(run).dropFirst(root.count))
        if !SystemFiles.exists("\(run)/report.html") {
            let page = try? RunReport(path: "\(run)/journal.jsonl").rendered(as: "html")
            try? SystemFiles.writeAtomically("\(run)/report.html", page ?? [], mode: 0o644)
        }
        var result = GameDayRound.result(journal, outcome: .interrupted, evidence: evidence)
        result.sentence = sentence
        return result
    }
}
