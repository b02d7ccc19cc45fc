/// Which traces are recorded; a value.
///
/// Source: OpenTelemetry, "Tracing SDK", samplers; the ratio decides by the trace's id, so that all
/// processes decide alike.
package struct Sampler: Sendable, Hashable {
    /// The share of traces, 0…1.
    package var ratio: Double
    /// Whether a trace that came with a decision keeps it.
    package var heedsParent: Bool

    package init(ratio: Double = 1, heedsParent: Bool = true) {
        self.ratio = min(max(ratio, 0), 1)
        self.heedsParent = heedsParent
    }

    /// The sampler of `OTEL_TRACES_SAMPLER` with `OTEL_TRACES_SAMPLER_ARG`; `nil` when there is
    /// none of that name, or the argument is no ratio.
    package init?(named name: String, argument: String?) {
        let prefix = "parentbased_"
        let heedsParent = name.hasPrefix(prefix)
        switch heedsParent ? String(name.dropFirst(prefix.count)) : name {
        case "always_on": self.init(ratio: 1, heedsParent: heedsParent)
        case "always_off": self.init(ratio: 0, heedsParent: heedsParent)
        case "traceidratio":
            guard let ratio = Double(argument ?? "1"), (0...1).contains(ratio) else { return nil }
            self.init(ratio: ratio, heedsParent: heedsParent)
        default: return nil
        }
    }

    /// Whether what begins now is recorded.
    package func samples(traceLow: UInt64, parent: TraceContext?) -> Bool {
        if heedsParent, let parent { return parent.isSampled }
        if ratio >= 1 { return true }
        // The last 56 bits of the id are random.
        let range = Double(UInt64(1) << 56)
        return Double(traceLow & (UInt64(1) << 56 - 1)) >= range * (1 - ratio)
    }
}
