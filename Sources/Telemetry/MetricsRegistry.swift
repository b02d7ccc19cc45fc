import Synchronization

/// The metrics of a process by name and labels, rendered as Prometheus text.
///
/// At most `seriesLimit` series exist; asking for more gives a series that counts but is not shown,
/// and `metrics_series_refused_total` says how often that happened.
package final class MetricsRegistry: Sendable {
    /// The most series that one process shows.
    package static let seriesLimit = 1000

    /// The names and values that tell series of one metric apart, in order.
    package typealias Labels = [(name: String, value: String)]

    private enum Series: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(DurationHistogram)
    }

    private struct Family {
        var help: String
        var type: String
        var series: [(labels: String, series: Series)] = []
    }

    private struct State {
        var families: [String: Family] = [:]
        var count = 0
        var refused = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// The counter of that name and labels, made at the first call; names end in `_total`.
    package func counter(_ name: String, help: String, _ labels: Labels = []) -> Counter {
        let series = series(name, help, "counter", labels) { .counter(Counter()) }
        guard case .counter(let counter) = series else { return Counter() }
        return counter
    }

    /// The gauge of that name and labels, made at the first call.
    package func gauge(_ name: String, help: String, _ labels: Labels = []) -> Gauge {
        let series = series(name, help, "gauge", labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = series else { return Gauge() }
        return gauge
    }

    /// The histogram of that name and labels, made at the first call; names end in `_seconds`.
    package func histogram(
        _ name: String,
        help: String,
        _ labels: Labels = []
    ) -> DurationHistogram {
        let series = series(name, help, "histogram", labels) { .histogram(DurationHistogram()) }
        guard case .histogram(let histogram) = series else { return DurationHistogram() }
        return histogram
    }

    /// Prometheus text format 0.0.4, families sorted by name.
    package func render() -> String {
        var text = ""
        state.withLock { state in
            for (name, family) in state.families.sorted(by: { $0.key < $1.key }) {
                text += "# HELP \(name) \(PrometheusText.help(family.help))\n"
                text += "# TYPE \(name) \(family.type)\n"
                for (labels, series) in family.series {
                    switch series {
                    case .counter(let counter):
                        text += PrometheusText.sample(name, labels, counter.value)
                    case .gauge(let gauge): text += PrometheusText.sample(name, labels, gauge.value)
                    case .histogram(let histogram):
                        text += PrometheusText.samples(name, labels, histogram.snapshot)
                    }
                }
            }
            text += "# TYPE metrics_series_refused_total counter\n"
            text += PrometheusText.sample("metrics_series_refused_total", "", state.refused)
        }
        return text
    }

    /// Traps when a name is used for two kinds of metric.
    private func series(
        _ name: String,
        _ help: String,
        _ type: String,
        _ labels: Labels,
        make: () -> Series
    ) -> Series {
        let key = PrometheusText.labels(labels)
        return state.withLock { state in
            var family = state.families[name] ?? Family(help: help, type: type)
            precondition(family.type == type, "\(name) is a \(family.type), not a \(type)")
            if let known = family.series.first(where: { $0.labels == key }) { return known.series }
            let series = make()
            guard state.count < Self.seriesLimit else {
                state.refused += 1
                return series
            }
            family.series.append((key, series))
            state.families[name] = family
            state.count += 1
            return series
        }
    }
}
