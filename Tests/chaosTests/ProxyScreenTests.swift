import ChaosProxy
import Testing

@testable import chaos

/// The live view of `chaos proxy run`, compared whole.
struct ProxyScreenTests {
    private func screen(
        _ readings: [[ProxyFigures]],
        columns: Int = 80,
        rows: Int = 24
    ) -> [String] {
        var history = ProxyHistory()
        for (second, proxies) in readings.enumerated() {
            history.add(
                proxies,
                now: Int64(second) * 1_000_000_000,
                wall: Int64(38_560 + second) * 1_000_000
            )
        }
        let screen = ProxyScreen(
            history: history,
            api: "http://127.0.0.1:8474",
            elapsed: .seconds(readings.count - 1),
            columns: columns,
            rows: rows
        )
        return screen.lines().map { $0.text(width: columns - 1, isColoured: false) }
    }

    private let busy = [
        [Figures.proxy(second: 0)], [Figures.proxy(second: 1, toxics: Figures.toxics)],
        [Figures.proxy(second: 2, toxics: Figures.toxics)],
    ]

    @Test func `a wide terminal sees figures, toxics and events`() {
        #expect(
            screen(busy) == [
                "127.0.0.1:6432 -> 127.0.0.1:5432  postgres, 2 s",
                "",
                "connections  16 open         233 so far      1/s new",
                "transactions 1.2k/s          2.5k so far     ██",
                "COMMIT       p50 6.5 ms      p99 9.9 ms      last 10 s, as clients see it",
                "to server    1.2 MB/s        2.4 MB so far",
                "to clients   34 MB/s         68 MB so far",
                "",
                "latency_downstream          12k hits  0/s    26 s left  latency=100ms jitter=2…",
                "lose_commit_ack_downstream  3 hits    0/s               ",
                "",
                "10:42:41  toxic latency_downstream added",
                "10:42:41  toxic lose_commit_ack_downstream added",
                "10:42:41  lose_commit_ack_downstream hit c17, statement 5",
                "",
                "API http://127.0.0.1:8474   times in UTC   Ctrl-C stops",
            ]
        )
    }

    @Test func `a narrow terminal sees the same in fewer words`() {
        #expect(
            screen(busy, columns: 40) == [
                "127.0.0.1:6432 -> 127.0.0.1:5432",
                "postgres, 2 s",
                "",
                "connections  16 open     233 so far",
                "transactions 1.2k/s      2.5k so far",
                "COMMIT       p50 6.5 ms  p99 9.9 ms",
                "to server    1.2 MB/s    2.4 MB so far",
                "to clients   34 MB/s     68 MB so far",
                "",
                "latency_downstream  12k hits, 26 s left",
                "  latency=100ms jitter=20ms 50 %",
                "lose_commit_ack_downstream  3 hits",
                "",
                "10:42:41  toxic latency_downstream add…",
                "10:42:41  toxic lose_commit_ack_downst…",
                "10:42:41  lose_commit_ack_downstream h…",
                "",
                "Ctrl-C stops",
            ]
        )
    }

    @Test func `before any traffic nothing is invented`() {
        let lines = screen([[Figures.proxy(wireProtocol: "tcp")]])
        #expect(lines[2] == "connections  16 open         231 so far      0/s new")
        #expect(lines[3] == "to server    0 B/s           0 B so far")
        #expect(lines.contains("no toxics"))
        let postgres = screen([[Figures.proxy()]])
        #expect(postgres[4] == "COMMIT       none in the last 10 s")
    }

    @Test(arguments: [(80, 24), (40, 24), (40, 10), (20, 5), (10, 2), (1, 1), (200, 60)])
    func `no terminal is too small, and no line is wider than it`(columns: Int, rows: Int) {
        let lines = screen(busy, columns: columns, rows: rows)
        #expect(lines.count <= max(1, rows - 1))
        #expect(lines.allSatisfy { $0.count < max(1, columns) || $0.isEmpty })
    }

    @Test func `a deleted proxy and further proxies are told`() {
        let other = Figures.proxy("other", wireProtocol: "tcp")
        let two = screen([[Figures.proxy()], [Figures.proxy(), other]])
        #expect(
            two.contains(
                "also other: 127.0.0.1:6432 -> 127.0.0.1:5432, 16 open, 0 toxics"
            )
        )
        #expect(two.contains("00:00:00  proxy other created") == false)
        #expect(two.contains("10:42:41  proxy other created"))
        let none = screen([[Figures.proxy()], []])
        #expect(none.first == "No proxy: it was deleted through the API at http://127.0.0.1:8474.")
    }

    @Test func `colour marks what is at work and costs no column`() {
        let line = ScreenLine([("abc", .yellow), ("defg", .plain), ("hij", .dim)])
        #expect(
            line.text(width: 20, isColoured: true)
                == "\u{1B}[33mabc\u{1B}[0mdefg\u{1B}[2mhij\u{1B}[0m"
        )
        #expect(line.text(width: 9, isColoured: false) == "abcdefgh…")
        #expect(line.text(width: 5, isColoured: false) == "abcd…")
        #expect(line.text(width: 3, isColoured: false) == "ab…")
        #expect(ScreenLine("a\u{1B}[2J").text(width: 9, isColoured: true) == "a?[2J")
    }
}
