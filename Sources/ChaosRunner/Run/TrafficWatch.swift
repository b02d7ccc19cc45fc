import ChaosJournal
import EventLoop
import Synchronization

/// Turns what links have carried in all into what they carried since the last look; a value.
struct TrafficWatch {
    private var last: (at: Double, totals: [String: LinkBytes])?

    /// Takes a look at a second of the run; `nil` the first time.
    ///
    /// A total that went down belongs to a proxy that was made anew, and counts from 0.
    mutating func take(_ totals: [String: LinkBytes], at elapsed: Double) -> TrafficSample? {
        defer { last = (elapsed, totals) }
        guard let last, elapsed > last.at else { return nil }
        let links = totals.sorted { $0.key < $1.key }.map { name, now in
            let before = last.totals[name] ?? LinkBytes(upstream: 0, downstream: 0)
            return TrafficSample.Link(
                name: name,
                upstream: Self.growth(from: before.upstream, to: now.upstream),
                downstream: Self.growth(from: before.downstream, to: now.downstream)
            )
        }
        return TrafficSample(
            seconds: elapsed - last.at,
            links: links.filter { $0.upstream + $0.downstream > 0 }
        )
    }

    private static func growth(from before: Int, to now: Int) -> Int {
        now >= before ? now - before : now
    }
}

extension RunSession {
    /// Looks in vain so often, and the source is left alone: a proxy without figures.
    private static let trafficFailuresMax = 5

    /// Writes down once a second what the links carried; a run is never held up by it.
    func watchTraffic(_ source: any TrafficSource) async throws {
        var watch = TrafficWatch()
        var failures = 0
        while failures < Self.trafficFailuresMax {
            try await loop.sleep(for: .seconds(1))
            guard let system = live.withLock({ $0.system }) else { continue }
            do {
                let totals = try await source.totals(of: system)
                failures = 0
                guard let sample = watch.take(totals, at: journal.elapsed), !sample.links.isEmpty
                else { continue }
                journal.write(.traffic(sample))
            } catch {
                failures += 1
            }
        }
    }
}
