package import HTTP
package import Telemetry

// W3C Trace Context in header fields.
extension HTTPHeaders {
    /// The context that a message came with; `nil` when it came with none, or with nonsense.
    package var trace: TraceContext? {
        guard let parent = self[ShopHeaders.traceparent] else { return nil }
        let states = values(ShopHeaders.tracestate)
        return TraceContext(
            traceparent: parent,
            tracestate: states.isEmpty ? nil : states.joined(separator: ",")
        )
    }

    /// Sends a context along.
    package mutating func send(_ trace: TraceContext) {
        self[ShopHeaders.traceparent] = trace.traceparent
        if !trace.state.isEmpty { self[ShopHeaders.tracestate] = trace.state }
    }
}
