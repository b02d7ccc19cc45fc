import Synchronization

/// Begins and ends the spans of a process; one that is off costs a comparison.
package final class Tracer: Sendable {
    /// Records nothing; contexts that come from elsewhere are passed on all the same.
    package static let off = Tracer(sampler: Sampler(ratio: 0), queue: nil)

    private let sampler: Sampler
    private let queue: SpanQueue?
    /// Where the sequence of ids stands; ids are never zero.
    private let seed = Atomic<UInt64>(UInt64.random(in: .min ... .max))

    package init(sampler: Sampler, queue: SpanQueue?) {
        self.sampler = sampler
        self.queue = queue
    }

    package var isOn: Bool { queue != nil }

    /// Begins a span, or a trace when there is no parent; `nil` when the tracer is off.
    package func begin(
        _ name: @autoclosure () -> String,
        _ kind: Span.Kind,
        parent: TraceContext?
    ) -> Span? {
        guard isOn else { return nil }
        var context =
            parent ?? TraceContext(traceHigh: id(), traceLow: id(), spanID: 1, flags: 2)
        let isSampled = sampler.samples(traceLow: context.traceLow, parent: parent)
        context.flags = context.flags & 2 | (isSampled ? 1 : 0)
        context.spanID = id()
        return Span(
            context: context,
            parentID: parent?.spanID ?? 0,
            name: isSampled ? name() : "",
            kind: kind
        )
    }

    /// Begins a span in the task's trace; `nil` also outside of one.
    package func child(_ name: @autoclosure () -> String, _ kind: Span.Kind) -> Span? {
        guard isOn, let current = TraceContext.current else { return nil }
        return begin(name(), kind, parent: current)
    }

    /// Ends a span: it waits to be sent.
    package func end(_ span: Span?) {
        guard var span, span.context.isSampled, let queue else { return }
        span.nanoseconds = max(0, WallClock.monotonicNanoseconds() - span.begunAt)
        queue.add(span)
    }

    /// The next of a sequence that does not repeat itself for 2⁶⁴ ids (SplitMix64, Steele et al.,
    /// 2014).
    private func id() -> UInt64 {
        let (_, next) = seed.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed)
        var mixed = next
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return mixed == 0 ? 1 : mixed
    }
}
