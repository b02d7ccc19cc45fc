import ChaosGameDay
import ChaosJournal
import ChaosModel
import ChaosVerdict
import JSON
import LinuxSystem

/// How a GameDay went, for the last lines and the exit status.
enum GameDayOutcome {
    static func exitStatus(_ day: GameDay) -> Int32 {
        if case .closed(.noGo) = day.stage { return ExitStatus.aborted }
        switch day.worst {
        case .undoIncomplete: return ExitStatus.undoIncomplete
        case .failed: return ExitStatus.internalFault
        case .deviated: return ExitStatus.deviated
        case .aborted: return ExitStatus.aborted
        default: break
        }
        if case .closed(.aborted) = day.stage { return ExitStatus.aborted }
        return day.worst == nil ? ExitStatus.held : ExitStatus.inconclusive
    }

    static func lines(_ day: GameDay) -> [String] {
        zip(day.plan.rounds, day.rounds).enumerated().map { index, round in
            let (plan, state) = round
            let outcome = state.outcome.map { "\($0.sign) \($0.words)" } ?? "○ not run"
            return "\(index + 1). \(outcome)  \(plan.title)"
        } + [GameDayWords.stage(day) + "."]
    }

    static func json(_ day: GameDay, _ directory: String, _ status: Int32) -> JSONValue {
        [
            "title": .string(day.plan.title), "directory": .string(directory),
            "ending": .string(GameDayWords.stage(day).lowercased()),
            "status": .integer(Int64(status)),
            "rounds": .array(
                zip(day.plan.rounds, day.rounds).map { plan, state in
                    let result = state.attempts.last?.result
                    return [
                        "title": .string(plan.title),
                        "outcome": state.outcome.map { .string($0.rawValue) } ?? .null,
                        "sentence": .string(result?.sentence ?? ""),
                        "attempts": .integer(Int64(state.attempts.count)),
                        "evidence": result?.evidence.map { .string($0) } ?? .null,
                    ]
                }
            ),
            "actions": .array(day.actions.map { .string($0.text) }),
        ]
    }
}

/// What the run of the checks read.
enum GameDayChecks {
    struct Reading {
        var met: Bool?
        var text: String
    }

    /// The last reading of each probe, by its name; empty when there is no journal.
    static func readings(_ directory: String) -> [String: Reading] {
        guard let bytes = try? SystemFiles.read("\(directory)/journal.jsonl") else { return [:] }
        var readings: [String: Reading] = [:]
        for event in JournalReader.events(in: bytes).events {
            guard case .probe(let reading) = event.payload else { continue }
            let value = NumberText.value(reading.output, unit: reading.unit)
            let tolerance = reading.tolerance.map { ", tolerated \($0)" } ?? ""
            let text = reading.error ?? String("\(value)\(tolerance)".prefix(200))
            readings[reading.step] = Reading(met: reading.met, text: text)
        }
        return readings
    }
}

/// The name under which runs of an experiment are kept.
enum ExperimentName {
    static func stem(of path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        return last.hasSuffix(".json") ? String(last.dropLast(5)) : last
    }
}
