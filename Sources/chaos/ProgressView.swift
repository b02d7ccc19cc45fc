import ChaosJournal
import ChaosModel
import ChaosRunner
import ChaosVerdict
import EventLoop
import JSON
import Synchronization

/// The live view of a run on stderr: plain lines for what happened, and below them a picture that
/// is redrawn for what is now.
///
/// The picture appears only on a terminal that can move its cursor; everywhere else a line a phase
/// and a line an event remain. Each change is one write, so that nothing flickers.
final class ProgressView: Sendable {
    private struct State {
        var screen = RunScreen()
        /// The widths of the lines that are drawn now; none: nothing is.
        var drawn: [Int] = []
        /// Invariants that hold, one after another: they share a line.
        var held = 0
        /// The most records that one of those was checked on.
        var checked = 0
    }

    private let isQuiet: Bool
    private let start = Loop.monotonicNanoseconds()
    private let state = Mutex(State())

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
    }

    /// Begins with the title; `estimate` is how long the run takes at least.
    func begin(_ title: String, estimate: Duration? = nil) {
        line(title)
        state.withLock { $0.screen.estimate = estimate.map { Int($0 / .seconds(1)) } }
    }

    func end() {
        state.withLock { Console.say(Self.erased(&$0), terminator: "") }
    }

    func show(_ progress: RunProgress) {
        if case .invariant = progress {} else { tellHeld() }
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

    /// What holds is counted; what does not is named at once.
    private func show(_ result: InvariantResult) {
        guard result.holds != true else {
            return state.withLock {
                $0.held += 1
                $0.checked = max($0.checked, result.checked)
            }
        }
        let mark = result.holds == nil ? "unknown" : "VIOLATED"
        let count =
            result.holds == false
            ? "\(result.violations) of \(result.checked)" : "\(result.checked) checked"
        line("  \(mark.padding(to: 8)) \(result.name) (\(count))")
    }

    private func tellHeld() {
        let (held, checked) = state.withLock { state in
            defer { (state.held, state.checked) = (0, 0) }
            return (state.held, state.checked)
        }
        guard held > 0 else { return }
        let what = held == 1 ? "1 invariant" : "\(held) invariants"
        line("  \("holds".padding(to: 8)) \(what) (up to \(NumberText.integer(checked)) checked)")
    }

    private func live(_ snapshot: RunSnapshot) {
        guard Console.isInteractive, !Console.isDumb, !isQuiet else { return }
        let now = Loop.wallMicroseconds()
        let faults = snapshot.inEffect.map { fault in
            RunScreen.Fault(
                what: "\(fault.function) on \(fault.target)",
                secondsLeft: (fault.until.microseconds - now) / 1_000_000
            )
        }
        let figures = snapshot.figures.map { figure in
            RunScreen.Figure(
                name: figure.name,
                text: NumberText.value(figure.value, unit: figure.unit),
                value: figure.value.doubleValue,
                isMet: figure.met
            )
        }
        state.withLock { state in
            state.screen.take(
                phase: snapshot.phase.rawValue,
                seconds: Int(snapshot.elapsed),
                faults: faults,
                figures: figures
            )
            Console.say(Self.erased(&state) + Self.drawn(&state), terminator: "")
        }
    }

    private func line(_ text: String) {
        guard !isQuiet else { return }
        state.withLock { state in
            let wasDrawn = !state.drawn.isEmpty
            let text = Self.erased(&state) + stamp() + " " + text + "\n"
            Console.say(text + (wasDrawn ? Self.drawn(&state) : ""), terminator: "")
        }
    }

    /// What takes the picture away; a terminal that became narrower has wrapped its lines.
    private static func erased(_ state: inout State) -> String {
        guard !state.drawn.isEmpty else { return "" }
        let columns = LiveTerminal.size().columns
        let rows = state.drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        state.drawn = []
        return "\u{1B}[\(rows)A\r\u{1B}[J"
    }

    /// What draws the picture.
    private static func drawn(_ state: inout State) -> String {
        let width = LiveTerminal.size().columns - 1
        let lines = state.screen.lines(width: width)
        state.drawn = lines.map { min($0.count, width) }
        return lines.map { $0.text(width: width, isColoured: Console.mayColour) + "\r\n" }.joined()
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
