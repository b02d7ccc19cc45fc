import ChaosJournal
import ChaosModel
import ChaosRunner
import ChaosVerdict
import EventLoop
import JSON
import Synchronization

/// The live view of a run on stderr: plain lines for what happened, one line that is redrawn for
/// what is now.
///
/// The redrawn line appears only on a terminal; everywhere else a line a phase and a line an event
/// remain.
final class ProgressView: Sendable {
    private struct State {
        var isLiveLineShown = false
        var phase = ""
    }

    private let isQuiet: Bool
    private let start = Loop.monotonicNanoseconds()
    private let state = Mutex(State())

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
    }

    func begin(_ title: String) {
        line(title)
    }

    func end() {
        state.withLock { clearLiveLine(&$0) }
    }

    func show(_ progress: RunProgress) {
        switch progress {
        case .directory(let path): line("journal: \(path)/journal.jsonl")
        case .recovered(let report):
            line("undone first: \(report.reverted.count) fault(s) that an earlier run had left")
        case .phase(let phase): line(Self.words(for: phase))
        case .probe(let reading): show(reading)
        case .action(let outcome):
            line("  \(outcome.step)" + (outcome.error.map { ": FAILED: \($0)" } ?? ": done"))
        case .fault(let transition): show(transition)
        case .invariant(let result): show(result)
        case .note(let text): line("  \(text)")
        case .stopping(let reason, let why): line("stopping (\(reason.rawValue)): \(why)")
        case .snapshot(let snapshot): live(snapshot)
        }
    }

    private func show(_ reading: ProbeReading) {
        // Samples while a fault is in effect belong to the live line and the report.
        if reading.phase == .during, reading.error == nil, reading.met != false { return }
        let mark =
            reading.met.map { $0 ? "ok" : "NOT MET" }
            ?? (reading.error == nil ? "read" : "no answer")
        let value = reading.error ?? NumberText.value(reading.output, unit: reading.unit)
        let tolerance = reading.tolerance.map { ", tolerated \($0)" } ?? ""
        line("  \(mark.padding(to: 8)) \(reading.step): \(value)\(tolerance)")
    }

    private func show(_ transition: FaultTransition) {
        let what = "\(transition.function) on \(transition.target)"
        let hits = transition.hits.map { ": \($0) \(transition.unit ?? "hits")" } ?? ""
        switch transition.state {
        case .prepared, .confirmed: return
        case .injected: line("  injected \(what)")
        case .unconfirmed: line("  NO EFFECT YET: \(what)\(hits)")
        case .reverting: line("  reverting \(what)\(hits)")
        case .reverted: line("  reverted \(what)\(hits)")
        case .revertFailed: line("  UNDO FAILED: \(what): \(transition.error ?? "")")
        case .failed: line("  FAILED: \(what): \(transition.error ?? "")")
        }
    }

    private func show(_ result: InvariantResult) {
        let mark = result.holds.map { $0 ? "holds" : "VIOLATED" } ?? "unknown"
        let count =
            result.holds == false
            ? "\(result.violations) of \(result.checked)" : "\(result.checked) checked"
        line("  \(mark.padding(to: 8)) \(result.name) (\(count))")
    }

    private func live(_ snapshot: RunSnapshot) {
        guard Console.isInteractive, !isQuiet else { return }
        var parts = [snapshot.phase.rawValue]
        parts += snapshot.inEffect.map { fault in
            let left = (fault.until.microseconds - Loop.wallMicroseconds()) / 1_000_000
            return "\(fault.function) on \(fault.target), \(max(0, left)) s left"
        }
        parts += snapshot.figures.map { "\($0.name) \(NumberText.value($0.value, unit: $0.unit))" }
        let text = stamp() + " " + parts.joined(separator: " · ")
        let shown = String(text.prefix(max(20, Console.width - 1)))
        state.withLock { state in
            Console.say("\r\u{1B}[K" + shown, terminator: "")
            state.isLiveLineShown = true
        }
    }

    private func line(_ text: String) {
        guard !isQuiet else { return }
        state.withLock { state in
            clearLiveLine(&state)
            Console.say(stamp() + " " + text)
        }
    }

    private func clearLiveLine(_ state: inout State) {
        guard state.isLiveLineShown else { return }
        Console.say("\r\u{1B}[K", terminator: "")
        state.isLiveLineShown = false
    }

    /// Seconds since the start, `  12.3 s`.
    private func stamp() -> String {
        let tenths = (Loop.monotonicNanoseconds() - start) / 100_000_000
        let text = "\(tenths / 10).\(tenths % 10) s"
        return String(repeating: " ", count: max(0, 8 - text.count)) + text
    }

    private static func words(for phase: PhaseChange.Phase) -> String {
        switch phase {
        case .start: "start: bringing the system up"
        case .warmUp: "warm-up: load begins, nothing is counted yet"
        case .baseline: "baseline: the undisturbed system"
        case .method: "method"
        case .recovery: "recovery: every fault is reverted"
        case .settle: "settle: the load has stopped"
        case .end: "end"
        }
    }
}
