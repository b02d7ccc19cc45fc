import ChaosGameDay
import ChaosModel
import ChaosVerdict
import CommandLine
import EventLoop
import Glibc

/// The terminal of a GameDay: on top where it stands, below what happens, last what is typed.
///
/// On a terminal the upper lines are drawn anew each second and the rest scrolls under them; the
/// terminal's own line editing is left alone, so that a killed program leaves nothing to put back
/// but the scrolling region. Everywhere else each event is a plain line.
struct GameDayTerminal: Sendable {
    /// Lines of the head.
    static let headLines = 8

    let conductor: GameDayConductor
    /// The page's address; `nil`: there is none.
    let address: String?
    let isRehearsal: Bool

    /// Whether there is a head.
    private var isLive: Bool { Console.isInteractive && !Console.isDumb }

    /// Shows events as they come until cancelled.
    func follow(from first: Int) async {
        guard let (number, changes) = conductor.watch(), let loop = Loop.current else { return }
        defer { conductor.leave(number) }
        begin()
        var shown = first
        // Owned by this call, which cancels it.
        let clock = loop.spawn {
            while true {
                try await loop.sleep(for: .seconds(1))
                conductor.wake(number)
            }
        }
        defer { clock.cancel() }
        tell(&shown)
        for await _ in changes { tell(&shown) }
    }

    /// Gives the whole terminal back.
    func end() {
        guard isLive else { return }
        let rows = LiveTerminal.size().rows
        Console.say("\u{1B}[r\u{1B}[\(rows);1H")
    }

    private func begin() {
        guard isLive else { return }
        let rows = LiveTerminal.size().rows
        let first = min(Self.headLines + 1, rows)
        Console.say("\u{1B}[2J\u{1B}[\(first);\(rows)r\u{1B}[\(first);1H", terminator: "")
    }

    private func tell(_ shown: inout Int) {
        let state = conductor.dashboard
        for line in state.day.log where line.sequence > shown {
            shown = line.sequence
            let text = "\(FigureText.clock(wallMicroseconds: line.at.microseconds)) \(line.text)"
            Console.say(isLive ? "\r\u{1B}[K\(text)" : text)
        }
        guard isLive else { return }
        let size = LiveTerminal.size()
        var picture = "\u{1B}7"
        for (row, line) in head(state).prefix(Self.headLines).enumerated() {
            let text = line.text(width: size.columns - 1, isColoured: Console.mayColour)
            picture += "\u{1B}[\(row + 1);1H\(text)\u{1B}[K"
        }
        Console.say(picture + "\u{1B}8", terminator: "")
    }

    private func head(_ state: DashboardState) -> [ScreenLine] {
        let day = state.day
        var lines = [
            ScreenLine([
                (day.plan.title, .bold), ("  " + elapsed(since: day.openedAt, state.now), .dim),
            ]),
            ScreenLine([
                (GameDayWords.stage(day), .bold), (day.pause == nil ? "" : "  PAUSED", .yellow),
                (day.isStopAsked ? "  STOPPING" : "", .red), ("  " + round(state), .plain),
            ]),
        ]
        let faults = state.leases.map { lease -> String in
            let left = lease.until.map { ($0.microseconds - state.now.microseconds) / 1_000_000 }
            return "\(lease.function) on \(lease.target)" + (left.map { " \(max(0, $0)) s" } ?? "")
        }
        lines.append(
            faults.isEmpty
                ? ScreenLine("nothing is injected", .dim)
                : ScreenLine("in effect: " + faults.joined(separator: ", "), .red)
        )
        let figures = (state.live?.load ?? []) + (state.live?.probes ?? [])
        let texts = figures.suffix(4).map { "\($0.name) \(Self.spark($0)) \($0.last)" }
        lines.append(ScreenLine(texts.joined(separator: "  ")))
        lines.append(ScreenLine(GameDayWords.hint(day), .plain))
        lines.append(ScreenLine(address.map { "page: \($0)" } ?? "", .dim))
        lines.append(ScreenLine(String(repeating: "─", count: 60), .dim))
        while lines.count < Self.headLines { lines.append(ScreenLine()) }
        return lines
    }

    private func elapsed(since start: Timestamp?, _ now: Timestamp) -> String {
        start.map { NumberText.seconds(Double((now.microseconds - $0.microseconds) / 1_000_000)) }
            ?? ""
    }

    private func round(_ state: DashboardState) -> String {
        guard let index = state.day.stage.round else { return "" }
        let plan = state.day.plan.rounds[index]
        guard let attempt = state.day.attempt, attempt.endedAt == nil else { return plan.title }
        return "\(plan.title) — \(elapsed(since: attempt.begunAt, state.now))"
            + " of \(NumberText.seconds(plan.timeBox.seconds))"
    }

    /// The last values as bars, `▁▂▅▇`.
    private static func spark(_ series: LiveRun.Series) -> String {
        let values = series.points.suffix(16).map(\.value)
        guard let low = values.min(), let high = values.max(), high > low else { return "" }
        let bars = Array("▁▂▃▄▅▆▇█")
        return String(values.map { bars[Int((($0 - low) / (high - low)) * 7)] })
    }
}

/// What is typed, line by line, from a thread of its own: reading a terminal blocks.
enum Keyboard {
    /// Lines of standard input until it ends.
    ///
    /// Throws `SystemError` when no thread can be had.
    static func lines() throws -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream<String>.makeStream(
            bufferingPolicy: .bufferingNewest(100)
        )
        let loop = try Loop.start(label: "keyboard")
        // Owned by the process: it ends with it, or with the input.
        loop.spawn {
            while let line = readLine(strippingNewline: true) { continuation.yield(line) }
            continuation.finish()
        }
        return stream
    }

    /// Whether somebody sits there.
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }
}
