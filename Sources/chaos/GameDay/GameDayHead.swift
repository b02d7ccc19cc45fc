import ChaosGameDay
import ChaosModel
import ChaosVerdict

/// The upper lines of a GameDay's terminal: where it stands, what is in effect, what can be typed.
///
/// A value: the state and the width decide every line, and there are always as many.
struct GameDayHead {
    static let height = 7
    /// The figures that fit beside each other at most, and the values that a little graph shows.
    private static let figuresMax = 4
    private static let graphMax = 16

    let state: DashboardState
    /// The page's address; `nil`: there is none.
    let address: String?
    /// Columns that may be written.
    let width: Int

    /// Whether the page's address can be shown as a whole; a part of it opens nothing.
    static func hasRoom(for address: String, width: Int) -> Bool { address.count + 6 <= width }

    /// Exactly `height` lines.
    var lines: [ScreenLine] {
        let day = state.day
        return [
            beside(
                (day.plan.title, .bold),
                (elapsed(since: day.openedAt), .dim)
            ),
            ScreenLine([
                (GameDayWords.stage(day), .bold), (day.pause == nil ? "" : "  PAUSED", .yellow),
                (day.isStopAsked ? "  STOPPING" : "", .red), (round, .plain),
            ]),
            faults, figures, ScreenLine(GameDayWords.hint(day), .plain), page,
            ScreenLine(String(repeating: "─", count: width), .dim),
        ]
    }

    /// Two texts at the two ends of a line; the left one gives way.
    private func beside(
        _ left: (String, ScreenLine.Style),
        _ right: (String, ScreenLine.Style)
    ) -> ScreenLine {
        let room = max(0, width - right.0.count - 2)
        let text =
            left.0.count <= room ? left.0.padding(to: room) : left.0.prefix(max(0, room - 1)) + "…"
        return ScreenLine([(text, left.1), ("  " + right.0, right.1)])
    }

    private var faults: ScreenLine {
        let texts = state.leases.map { lease -> String in
            let left = lease.until.map { ($0.microseconds - state.now.microseconds) / 1_000_000 }
            return "\(lease.function) on \(lease.target)" + (left.map { " \(max(0, $0)) s" } ?? "")
        }
        return texts.isEmpty
            ? ScreenLine("nothing is injected", .dim)
            : ScreenLine("in effect: " + texts.joined(separator: ", "), .red)
    }

    /// As many figures as fit as a whole; on a narrow terminal one.
    private var figures: ScreenLine {
        let series = (state.live?.load ?? []) + (state.live?.probes ?? [])
        let graph = max(4, min(Self.graphMax, width / 8))
        var text = ""
        for one in series.suffix(Self.figuresMax) {
            let little = Self.graph(one, width: graph)
            let next = "\(one.name) \(little)\(little.isEmpty ? "" : " ")\(one.last)"
            guard text.isEmpty || text.count + 3 + next.count <= width else { break }
            text += (text.isEmpty ? "" : "   ") + next
        }
        return text.isEmpty ? ScreenLine("no figures yet", .dim) : ScreenLine(text)
    }

    private var page: ScreenLine {
        guard let address else { return ScreenLine("'help' lists the words", .dim) }
        return Self.hasRoom(for: address, width: width)
            ? ScreenLine("page: \(address)", .dim)
            : ScreenLine("'help': the words; 'status': the page", .dim)
    }

    private var round: String {
        guard let index = state.day.stage.round else { return "" }
        let plan = state.day.plan.rounds[index]
        guard let attempt = state.day.attempt, attempt.endedAt == nil else {
            return ": \(plan.title)"
        }
        let box = NumberText.seconds(plan.timeBox.seconds)
        return ", \(elapsed(since: attempt.begunAt)) of \(box): \(plan.title)"
    }

    private func elapsed(since start: Timestamp?) -> String {
        guard let start else { return "" }
        let seconds = max(0, (state.now.microseconds - start.microseconds) / 1_000_000)
        return "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
    }

    private static func graph(_ series: LiveRun.Series, width: Int) -> String {
        RunScreen.graph(series.points.map(\.value), width: width)
    }
}
