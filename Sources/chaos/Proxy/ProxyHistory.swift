import ChaosProxy
import ChaosStatistics

/// The readings of the last seconds, and what they say together; a value without a clock.
struct ProxyHistory {
    /// How many rates the little graph shows, one a second.
    static let ratesMax = 60
    /// Events that are kept; the oldest go first.
    static let eventsMax = 50
    /// What percentiles look back on, seconds.
    static let window = 10

    /// What passed in the last second or so.
    struct Rates: Equatable {
        var accepted = 0.0
        var transactions = 0.0
        var bytesUpstream = 0.0
        var bytesDownstream = 0.0
    }

    /// Something that happened between two readings.
    struct Event: Equatable {
        /// Microseconds since the epoch.
        var wallMicroseconds: Int64
        var text: String
    }

    /// The newest reading.
    private(set) var current: [ProxyFigures] = []
    private(set) var events: [Event] = []
    /// How many events there were so far.
    private(set) var eventCount = 0
    /// The first proxy's rates, oldest first.
    private(set) var rates: [Rates] = []
    /// Hits a second of the first proxy's toxics, by name.
    private(set) var hitRates: [String: Double] = [:]
    private var latencies: [Histogram] = []
    private var lastAt: Int64 = 0

    /// The first proxy: the one that the command was given.
    var main: ProxyFigures? { current.first }

    /// COMMIT latencies of the last `window` seconds.
    var commitLatency: Histogram? {
        guard let newest = latencies.last, let oldest = latencies.first else { return nil }
        return newest.subtracting(oldest)
    }

    /// The first proxy's rates over the last so many readings.
    func averageRates(seconds: Int) -> Rates {
        let last = rates.suffix(seconds)
        let count = Double(max(1, last.count))
        let mean = { (value: (Rates) -> Double) in last.reduce(0) { $0 + value($1) } / count }
        return Rates(
            accepted: mean(\.accepted),
            transactions: mean(\.transactions),
            bytesUpstream: mean(\.bytesUpstream),
            bytesDownstream: mean(\.bytesDownstream)
        )
    }

    /// Takes a reading.
    ///
    /// - Parameters:
    ///   - proxies: The proxies; the one that matters most first.
    ///   - now: Monotonic nanoseconds.
    ///   - wall: Microseconds since the epoch.
    mutating func add(_ proxies: [ProxyFigures], now: Int64, wall: Int64) {
        if !current.isEmpty {
            let seconds = max(0.001, Double(now - lastAt) / 1e9)
            note(proxies, wall: wall)
            measure(from: current[0], to: proxies.first, seconds: seconds)
        }
        if let proxy = proxies.first {
            latencies.append(proxy.traffic.commitLatency)
            if latencies.count > ProxyHistory.window + 1 { latencies.removeFirst() }
        }
        current = proxies
        lastAt = now
    }

    private mutating func measure(
        from old: ProxyFigures,
        to new: ProxyFigures?,
        seconds: Double
    ) {
        guard let new, new.name == old.name else {
            // The proxy was deleted through the API: nothing of it may be compared any more.
            (rates, hitRates, latencies) = ([], [:], [])
            return
        }
        let (before, after) = (old.traffic, new.traffic)
        let rate = { (low: Int, high: Int) in Double(max(0, high - low)) / seconds }
        rates.append(
            Rates(
                accepted: rate(before.accepted, after.accepted),
                transactions: rate(before.transactions, after.transactions),
                bytesUpstream: rate(before.upstream.received, after.upstream.received),
                bytesDownstream: rate(before.downstream.received, after.downstream.received)
            )
        )
        if rates.count > ProxyHistory.ratesMax { rates.removeFirst() }
        hitRates = [:]
        for toxic in new.toxics {
            let earlier = old.toxics.first { $0.name == toxic.name }
            hitRates[toxic.name] = rate(earlier?.hits ?? 0, toxic.hits)
        }
        if after.commitLatency.count < before.commitLatency.count { latencies = [] }
    }

    // MARK: events

    private mutating func note(_ proxies: [ProxyFigures], wall: Int64) {
        var found: [Event] = []
        for proxy in proxies {
            let prefix = proxies.count > 1 ? "\(proxy.name): " : ""
            guard let old = current.first(where: { $0.name == proxy.name }) else {
                found.append(Event(wallMicroseconds: wall, text: "proxy \(proxy.name) created"))
                continue
            }
            if old.isEnabled != proxy.isEnabled {
                let text = prefix + (proxy.isEnabled ? "up again" : "taken down")
                found.append(Event(wallMicroseconds: wall, text: text))
            }
            found += ProxyHistory.changes(old, proxy, prefix, wall)
            found += ProxyHistory.firings(old, proxy, prefix)
        }
        for old in current where !proxies.contains(where: { $0.name == old.name }) {
            found.append(Event(wallMicroseconds: wall, text: "proxy \(old.name) deleted"))
        }
        eventCount += found.count
        events += found.sorted { $0.wallMicroseconds < $1.wallMicroseconds }
        if events.count > ProxyHistory.eventsMax {
            events.removeFirst(events.count - ProxyHistory.eventsMax)
        }
    }

    private static func changes(
        _ old: ProxyFigures,
        _ new: ProxyFigures,
        _ prefix: String,
        _ wall: Int64
    ) -> [Event] {
        var events: [Event] = []
        func add(_ text: String) {
            events.append(Event(wallMicroseconds: wall, text: prefix + text))
        }
        for toxic in new.toxics {
            guard let before = old.toxics.first(where: { $0.name == toxic.name }) else {
                add("toxic \(toxic.name) added")
                continue
            }
            if before.settings != toxic.settings || before.toxicity != toxic.toxicity {
                add("toxic \(toxic.name) changed: \(toxic.settings)")
            }
        }
        for toxic in old.toxics where !new.toxics.contains(where: { $0.name == toxic.name }) {
            // Readings are a second apart: a lease that had more left did not end by itself.
            let ended = toxic.leaseLeft.map { $0 < .seconds(2) } ?? false
            add("toxic \(toxic.name) \(ended ? "ended with its lease" : "removed")")
        }
        return events
    }

    private static func firings(
        _ old: ProxyFigures,
        _ new: ProxyFigures,
        _ prefix: String
    ) -> [Event] {
        new.toxics.flatMap { toxic in
            let seen = old.toxics.first { $0.name == toxic.name }?.firings.last?.ordinal ?? 0
            return toxic.firings.filter { $0.ordinal > seen }.map { firing in
                let statement = firing.statement.map { ", statement \($0)" } ?? ""
                return Event(
                    wallMicroseconds: firing.wallMicroseconds,
                    text: "\(prefix)\(toxic.name) hit \(firing.connection)\(statement)"
                )
            }
        }
    }
}
