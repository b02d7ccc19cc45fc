import ChaosProxy
import ChaosStatistics
import Testing

@testable import chaos

/// What the readings of a proxy say together.
struct ProxyHistoryTests {
    private func history(_ readings: [[ProxyFigures]]) -> ProxyHistory {
        var history = ProxyHistory()
        for (second, proxies) in readings.enumerated() {
            history.add(proxies, now: Int64(second) * 500_000_000, wall: Int64(second) * 500_000)
        }
        return history
    }

    private func toxic(_ hits: Int, lease: Duration? = nil, _ settings: String = "") -> ToxicFigures
    {
        ToxicFigures(
            name: "t",
            type: "latency",
            stream: "upstream",
            settings: settings,
            hits: hits,
            leaseLeft: lease
        )
    }

    @Test func `rates are differences by the time that really passed`() throws {
        let read = history([
            [Figures.proxy(second: 1, toxics: [toxic(10)])],
            [Figures.proxy(second: 2, toxics: [toxic(40)])],
        ])
        let rates = try #require(read.rates.last)
        #expect(rates.transactions == 2_468)
        #expect(rates.accepted == 2)
        #expect(read.hitRates == ["t": 60])
        #expect(read.averageRates(seconds: 10) == rates)
    }

    @Test func `latencies are those of the last ten seconds`() {
        let read = history((0...30).map { [Figures.proxy(second: $0)] })
        #expect(read.commitLatency?.count == 1_000)
        #expect(read.rates.count == 30)
    }

    @Test func `what changed between two readings is an event`() {
        var down = Figures.proxy()
        down.isEnabled = false
        let read = history([
            [Figures.proxy()], [Figures.proxy(toxics: [toxic(0, lease: .seconds(9))])],
            [Figures.proxy(toxics: [toxic(0, lease: .seconds(1), "latency=2s")])],
            [Figures.proxy()],
            [Figures.proxy(toxics: [toxic(0)])], [down], [Figures.proxy()], [],
        ])
        #expect(
            read.events.map(\.text) == [
                "toxic t added", "toxic t changed: latency=2s", "toxic t ended with its lease",
                "toxic t added", "taken down", "toxic t removed", "up again",
                "proxy proxy deleted",
            ]
        )
        #expect(read.events[0].wallMicroseconds == 500_000)
        #expect(read.eventCount == 8)
    }

    @Test func `each firing is told once and events are bounded`() {
        func firing(_ ordinal: Int) -> ToxicFigures.Firing {
            .init(ordinal: ordinal, wallMicroseconds: Int64(ordinal), connection: "c\(ordinal)")
        }
        let readings = (0..<40).map { step -> [ProxyFigures] in
            var toxic = toxic(3 * step)
            toxic.firings = (max(1, 3 * step - 7)...max(1, 3 * step)).map(firing)
            return [Figures.proxy(toxics: [toxic])]
        }
        let read = history(readings)
        #expect(read.events.count == ProxyHistory.eventsMax)
        #expect(read.events.last?.text == "t hit c117")
        #expect(Set(read.events.map(\.text)).count == read.events.count)
        #expect(read.eventCount == 116)
    }

    @Test func `a proxy that was deleted and made anew starts from nothing`() {
        let read = history([
            [Figures.proxy(second: 9)], [Figures.proxy(second: 10)], [Figures.proxy(second: 0)],
            [Figures.proxy(second: 1)],
        ])
        #expect(read.rates.last?.transactions == 2_468)
        #expect(read.commitLatency?.count == 100)
    }
}
