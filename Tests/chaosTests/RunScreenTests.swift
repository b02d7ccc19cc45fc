import Testing

@testable import chaos

/// The picture of a run, as lines.
struct RunScreenTests {
    private func screen(_ values: [Double] = [99, 97, 99.6]) -> RunScreen {
        var screen = RunScreen()
        screen.estimate = 39
        for (index, value) in values.enumerated() {
            screen.take(
                phase: "method",
                seconds: 10 + index,
                faults: [.init(what: "latency on payments->processor", secondsLeft: 7)],
                figures: [
                    .init(name: "checkouts succeed", text: "\(value)%", value: value, isMet: true),
                    .init(name: "the books are right", text: "holds", value: nil, isMet: true),
                ]
            )
        }
        return screen
    }

    private func text(_ screen: RunScreen, width: Int) -> [String] {
        screen.lines(width: width).map { $0.text(width: width, isColoured: false) }
    }

    @Test func `a run is told in one line for each thing that is now`() {
        #expect(
            text(screen(), width: 60) == [
                "── method ─────────────────────────── 12 s of about 39 s ──",
                "  latency on payments->processor                  7 s left",
                "  checkouts succeed    99.6%        ▆▁█",
                "  the books are right  holds        ",
            ]
        )
    }

    @Test(arguments: [20, 40, 60, 200])
    func `no line is wider than the terminal`(width: Int) {
        let long = screen((0..<100).map(Double.init))
        for line in text(long, width: width) { #expect(line.count <= width, "\(line)") }
    }

    @Test func `a figure that left its tolerance is red, and only where colour is wanted`() throws {
        var screen = RunScreen()
        screen.take(
            phase: "method",
            seconds: 1,
            faults: [],
            figures: [.init(name: "p99", text: "2 s", value: 2, isMet: false)]
        )
        let line = try #require(screen.lines(width: 60).last)
        #expect(line.text(width: 60, isColoured: true).contains("\u{1B}[31m2 s"))
        #expect(!line.text(width: 60, isColoured: false).contains("\u{1B}"))
    }

    @Test func `a graph needs two readings, and a figure that never moves is a low line`() {
        #expect(RunScreen.graph([1], width: 10) == "")
        #expect(RunScreen.graph([2, 2, 2], width: 10) == "▁▁▁")
        #expect(RunScreen.graph([0, 1, 2, 3, 4, 5, 6, 7], width: 3) == "▁▄█")
    }
}
