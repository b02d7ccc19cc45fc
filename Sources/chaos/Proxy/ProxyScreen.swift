import ChaosModel
import ChaosProxy
import ChaosStatistics

/// The live view of `chaos proxy run` as lines: a function of the history and the terminal's size.
struct ProxyScreen {
    /// Columns below which lines say less.
    private static let narrow = 64
    private static let labelWidth = 13
    /// Toxics and other proxies that are listed; the rest is counted.
    private static let listedMax = 8

    var history: ProxyHistory
    /// Where the API listens.
    var api: String
    /// Since the start.
    var elapsed: Duration
    var columns: Int
    var rows: Int

    private var isNarrow: Bool { columns < ProxyScreen.narrow }

    /// The lines, at most as many as fit above the cursor's line.
    func lines() -> [ScreenLine] {
        guard let proxy = history.main else {
            return [ScreenLine("No proxy: it was deleted through the API at \(api).", .yellow)]
        }
        var lines = head(proxy) + [ScreenLine()] + figures(proxy)
        lines += [ScreenLine()] + toxics(proxy)
        lines += others()
        let foot = [ScreenLine(), ScreenLine(hint, .dim)]
        let room = rows - 1 - lines.count - foot.count
        let events = self.events(room - 1)
        if !events.isEmpty { lines += [ScreenLine()] + events }
        return Array((lines + foot).prefix(max(1, rows - 1)))
    }

    private var hint: String {
        isNarrow ? "Ctrl-C stops" : "API \(api)   times in UTC   Ctrl-C stops"
    }

    private func head(_ proxy: ProxyFigures) -> [ScreenLine] {
        let path = "\(proxy.listen) -> \(proxy.upstream)"
        let age = FigureText.age(seconds: elapsed.components.seconds)
        let state: (String, ScreenLine.Style) = proxy.isEnabled ? ("", .plain) : ("  DOWN", .red)
        guard !isNarrow else {
            return [
                ScreenLine(path, .bold),
                ScreenLine([("\(proxy.wireProtocol), \(age)", .dim), state]),
            ]
        }
        return [ScreenLine([(path, .bold), ("  \(proxy.wireProtocol), \(age)", .dim), state])]
    }

    // MARK: figures

    private func figures(_ proxy: ProxyFigures) -> [ScreenLine] {
        let traffic = proxy.traffic
        let rates = history.rates.last ?? ProxyHistory.Rates()
        var lines = [
            line(
                "connections",
                "\(traffic.open) open",
                "\(FigureText.count(Double(traffic.accepted))) so far",
                isNarrow ? "" : "\(FigureText.count(rates.accepted))/s new"
            )
        ]
        if proxy.wireProtocol == "postgres" {
            lines.append(
                line(
                    "transactions",
                    "\(FigureText.count(rates.transactions))/s",
                    "\(FigureText.count(Double(traffic.transactions))) so far",
                    isNarrow ? "" : graph(history.rates.map(\.transactions))
                )
            )
            lines.append(commitLine())
        }
        lines.append(
            line(
                "to server",
                "\(FigureText.bytes(rates.bytesUpstream))/s",
                "\(FigureText.bytes(Double(traffic.upstream.received))) so far",
                isNarrow || proxy.wireProtocol == "postgres"
                    ? "" : graph(history.rates.map(\.bytesUpstream))
            )
        )
        lines.append(
            line(
                "to clients",
                "\(FigureText.bytes(rates.bytesDownstream))/s",
                "\(FigureText.bytes(Double(traffic.downstream.received))) so far",
                isNarrow || proxy.wireProtocol == "postgres"
                    ? "" : graph(history.rates.map(\.bytesDownstream))
            )
        )
        return lines
    }

    private func commitLine() -> ScreenLine {
        guard let latency = history.commitLatency, let p50 = latency.value(atQuantile: 0.5),
            let p99 = latency.value(atQuantile: 0.99)
        else { return line("COMMIT", "none in the last \(ProxyHistory.window) s", "", "") }
        return line(
            "COMMIT",
            "p50 \(FigureText.latency(microseconds: p50))",
            "p99 \(FigureText.latency(microseconds: p99))",
            isNarrow ? "" : "last \(ProxyHistory.window) s, as clients see it"
        )
    }

    private func line(
        _ label: String,
        _ first: String,
        _ second: String,
        _ third: String
    ) -> ScreenLine {
        let cell = isNarrow ? 12 : 16
        var pieces: [(String, ScreenLine.Style)] = [
            (label.padding(to: ProxyScreen.labelWidth), .dim)
        ]
        pieces.append((second.isEmpty ? first : first.padding(to: cell), .plain))
        if !second.isEmpty {
            pieces.append((third.isEmpty ? second : second.padding(to: cell), .plain))
        }
        if !third.isEmpty { pieces.append((third, .dim)) }
        return ScreenLine(pieces)
    }

    /// Rates as little bars, the newest at the right, as many as fit.
    private func graph(_ rates: [Double]) -> String {
        let bars = Array("▁▂▃▄▅▆▇█")
        let room = max(0, min(ProxyHistory.ratesMax, columns - 46))
        let shown = rates.suffix(room)
        let top = shown.max() ?? 0
        guard top > 0 else { return "" }
        return String(shown.map { bars[min(7, Int($0 / top * 7.999))] })
    }

    // MARK: toxics and the rest

    private func toxics(_ proxy: ProxyFigures) -> [ScreenLine] {
        guard !proxy.toxics.isEmpty else { return [ScreenLine("no toxics", .dim)] }
        let shown = proxy.toxics.prefix(ProxyScreen.listedMax)
        let width = shown.map(\.name.count).max() ?? 0
        var lines = shown.flatMap { isNarrow ? narrow($0) : [wide($0, nameWidth: width)] }
        let more = proxy.toxics.count - shown.count
        if more > 0 { lines.append(ScreenLine("and \(more) more toxics", .dim)) }
        return lines
    }

    private func wide(_ toxic: ToxicFigures, nameWidth: Int) -> ScreenLine {
        let rate = history.hitRates[toxic.name] ?? 0
        return ScreenLine([
            (toxic.name.padding(to: min(28, nameWidth) + 2), .yellow),
            (hits(toxic).padding(to: 10), .plain),
            ("\(FigureText.count(rate))/s".padding(to: 7), .plain),
            ((lease(toxic) ?? "").padding(to: 11), .plain),
            (settings(toxic), .dim),
        ])
    }

    private func narrow(_ toxic: ToxicFigures) -> [ScreenLine] {
        let figures = [hits(toxic), lease(toxic)].compactMap { $0 }.joined(separator: ", ")
        let settings = settings(toxic)
        return [ScreenLine([(toxic.name, .yellow), ("  " + figures, .plain)])]
            + (settings.isEmpty ? [] : [ScreenLine("  " + settings, .dim)])
    }

    private func hits(_ toxic: ToxicFigures) -> String {
        toxic.hits == 1 ? "1 hit" : "\(FigureText.count(Double(toxic.hits))) hits"
    }

    private func lease(_ toxic: ToxicFigures) -> String? {
        toxic.leaseLeft.map { ProxyText.lease(Int64($0.milliseconds)) + " left" }
    }

    private func settings(_ toxic: ToxicFigures) -> String {
        // The usual name says the stream already: latency_downstream.
        var words = toxic.name.hasSuffix(toxic.stream) ? [] : [toxic.stream]
        if !toxic.settings.isEmpty { words.append(toxic.settings) }
        if toxic.toxicity != 1 {
            words.append(Quantity.digits((toxic.toxicity * 1e4).rounded() / 100) + " %")
        }
        return words.joined(separator: " ")
    }

    private func others() -> [ScreenLine] {
        let others = history.current.dropFirst()
        guard !others.isEmpty else { return [] }
        return [ScreenLine()]
            + others.prefix(ProxyScreen.listedMax).map { proxy in
                ScreenLine(
                    "also \(proxy.name): \(proxy.listen) -> \(proxy.upstream), "
                        + "\(proxy.traffic.open) open, \(proxy.toxics.count) toxics",
                    .dim
                )
            }
    }

    private func events(_ room: Int) -> [ScreenLine] {
        let count = max(0, min(room, isNarrow ? 4 : 6))
        return history.events.suffix(count).map { event in
            let clock = FigureText.clock(wallMicroseconds: event.wallMicroseconds)
            return ScreenLine([(clock + "  ", .dim), (event.text, .plain)])
        }
    }
}
