import ChaosProxy
import ChaosStatistics
import EventLoop

/// Follows a running proxy: a live screen on a terminal, plain lines elsewhere, the sum at the end.
struct ProxyView {
    /// Seconds between two plain lines.
    private static let lineEvery = 10

    var isQuiet: Bool

    /// Until the task is cancelled; then tells what was carried.
    func follow(_ server: ProxyServer) async {
        let start = Loop.monotonicNanoseconds()
        let isLive = Console.isInteractive && !Console.isDumb && !isQuiet
        var history = ProxyHistory()
        var terminal = LiveTerminal()
        var eventCount = 0
        var ticks = 0
        while true {
            await read(server, &history)
            let elapsed = Loop.monotonicNanoseconds() - start
            if isLive {
                let size = LiveTerminal.size()
                let screen = ProxyScreen(
                    history: history,
                    api: "http://\(server.address)",
                    elapsed: .nanoseconds(elapsed),
                    columns: size.columns,
                    rows: size.rows
                )
                terminal.draw(screen.lines(), size: size)
            } else if !isQuiet {
                tell(history, &eventCount, isDue: ticks > 0 && ticks % ProxyView.lineEvery == 0)
            }
            ticks += 1
            // A second after the start, two, three …: drawing takes no time away from the next.
            let pause = Int64(ticks) * 1_000_000_000 - (Loop.monotonicNanoseconds() - start)
            guard (try? await Loop.current?.sleep(for: .nanoseconds(max(0, pause)))) != nil else {
                break
            }
        }
        await read(server, &history)
        Console.say(isLive ? "" : "stopping: every connection is closed")
        for line in ProxySummary.lines(history.current) { Console.answer(line) }
    }

    private func read(_ server: ProxyServer, _ history: inout ProxyHistory) async {
        let proxies = await server.figures()
        // The proxy of the command line stays first whatever the API adds.
        let main = proxies.filter { $0.name == ProxyRunOptions.proxyName }
        history.add(
            main + proxies.filter { $0.name != ProxyRunOptions.proxyName },
            now: Loop.monotonicNanoseconds(),
            wall: Loop.wallMicroseconds()
        )
    }

    /// Plain lines: each event once, and the figures when they are due.
    private func tell(_ history: ProxyHistory, _ eventCount: inout Int, isDue: Bool) {
        let fresh = history.eventCount - eventCount
        for event in history.events.suffix(min(fresh, history.events.count)) {
            Console.say(
                FigureText.clock(wallMicroseconds: event.wallMicroseconds) + " " + event.text
            )
        }
        eventCount = history.eventCount
        guard isDue, let proxy = history.main else { return }
        let now = FigureText.clock(wallMicroseconds: Loop.wallMicroseconds())
        Console.say(now + " " + ProxySummary.now(proxy, history))
    }
}

/// What a proxy carried, in sentences; pure.
enum ProxySummary {
    /// One line for now: `3 open, 120 transactions/s, COMMIT p50 3.1 ms p99 9.0 ms, …`.
    static func now(_ proxy: ProxyFigures, _ history: ProxyHistory) -> String {
        let rates = history.averageRates(seconds: ProxyHistory.window)
        var parts = ["\(proxy.traffic.open) open"]
        if proxy.wireProtocol == "postgres" {
            parts.append("\(FigureText.count(rates.transactions)) transactions/s")
            if let latency = history.commitLatency, let p50 = latency.value(atQuantile: 0.5),
                let p99 = latency.value(atQuantile: 0.99)
            {
                parts.append(
                    "COMMIT p50 \(FigureText.latency(microseconds: p50)) "
                        + "p99 \(FigureText.latency(microseconds: p99))"
                )
            }
        }
        parts.append("\(FigureText.bytes(rates.bytesUpstream))/s to the server")
        parts.append("\(FigureText.bytes(rates.bytesDownstream))/s to clients")
        parts += proxy.toxics.map { "\($0.name) hit \($0.hits)" }
        return parts.joined(separator: ", ")
    }

    /// The sum at the end.
    static func lines(_ proxies: [ProxyFigures]) -> [String] {
        proxies.flatMap { proxy -> [String] in
            let traffic = proxy.traffic
            var parts = [count(traffic.accepted, "connection")]
            if proxy.wireProtocol == "postgres" {
                let commits = count(traffic.commits, "COMMIT")
                parts.append("\(count(traffic.transactions, "transaction")) (\(commits))")
            }
            parts.append("\(FigureText.bytes(Double(traffic.upstream.received))) to the server")
            parts.append("\(FigureText.bytes(Double(traffic.downstream.received))) to clients")
            let head = "\(proxy.listen) carried " + parts.joined(separator: ", ")
            return [head]
                + proxy.toxics.map { toxic in
                    "  \(toxic.name) hit \(count(toxic.hits, "time"))"
                }
        }
    }

    private static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
