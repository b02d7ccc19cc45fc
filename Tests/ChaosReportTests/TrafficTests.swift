import ChaosJournal
import ChaosModel
import ChaosVerdict
import Testing

@testable import ChaosReport

/// What the links carried, as strips.
struct TrafficTests {
    @Test func `what was carried is spread over the time since the last look`() throws {
        let links = try strips([(2, 2.0, 400, 100)])
        let link = try #require(links.first)
        #expect(link.name == "payments->payments-db")
        #expect(link.isHit)
        #expect(link.total == 500)
        #expect(link.buckets.prefix(3).map(\.upstream) == [200, 200, 0])
        #expect(link.buckets.prefix(3).map(\.downstream) == [50, 50, 0])
        #expect(link.peak == 200)
    }

    @Test func `a page of a run with traffic has a strip for each link, and its own anchor`()
        throws
    {
        let page = String(
            decoding: HTMLFormat.render(try report([(3, 1.0, 4_000, 0)])),
            as: UTF8.self
        )
        #expect(page.contains("<section id=\"links\">"))
        #expect(page.contains("href=\"#links\""))
        #expect(page.contains("payments-&gt;payments-db"))
        #expect(page.contains("4.0 kB/s at most"))
        #expect(WellFormedness.problem(in: page) == nil)
    }

    @Test func `a run that nobody watched has no section of links`() {
        let page = String(decoding: HTMLFormat.render(SampleRun.held.report), as: UTF8.self)
        #expect(!page.contains("id=\"links\""))
    }

    private func strips(
        _ samples: [(at: Double, seconds: Double, up: Int, down: Int)]
    ) throws -> [TrafficSeries] {
        TrafficSeries.links(ReportFacts(try report(samples)), stepsMax: 1_000)
    }

    private func report(
        _ samples: [(at: Double, seconds: Double, up: Int, down: Int)]
    ) throws -> Report {
        var events = SampleRun.held.events
        let at = try #require(events.first).at
        for sample in samples {
            let link = TrafficSample.Link(
                name: "payments->payments-db",
                upstream: sample.up,
                downstream: sample.down
            )
            let traffic = TrafficSample(seconds: sample.seconds, links: [link])
            let event = JournalEvent(
                sequence: 0,
                at: at,
                elapsed: sample.at,
                payload: .traffic(traffic)
            )
            let place = events.firstIndex { $0.elapsed > sample.at } ?? events.endIndex
            events.insert(event, at: place)
        }
        return Report(events: events, verdict: Judge.judge(events))
    }
}
