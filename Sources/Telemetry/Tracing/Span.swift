package import JSON

/// A piece of work with a beginning and an end, as a trace shows it.
package struct Span: Sendable {
    /// The attributes of a span, in order.
    package typealias Attributes = [(name: String, value: JSONValue)]

    /// What kind of work; the number is OTLP's.
    package enum Kind: Int, Sendable {
        case `internal` = 1
        /// A request that is answered.
        case server
        /// A request that is made.
        case client
        /// A message that is sent.
        case producer
        /// A message that is handled.
        case consumer
    }

    /// Its own id within its trace.
    package let context: TraceContext
    /// Who began it; zero: nobody, it is the root.
    package let parentID: UInt64
    package let name: String
    package let kind: Kind
    /// Nanoseconds of the epoch.
    package let startedAt: Int64
    /// Nanoseconds of the monotonic clock: a span has a length, whatever is done to the wall clock.
    let begunAt: Int64
    package private(set) var attributes: Attributes = []
    /// What went wrong, when it did; empty: it is not known more closely.
    package private(set) var failure: String?
    /// Nanoseconds from beginning to end.
    package var nanoseconds: Int64 = 0

    init(context: TraceContext, parentID: UInt64, name: String, kind: Kind) {
        self.context = context
        self.parentID = parentID
        self.name = name
        self.kind = kind
        startedAt = context.isSampled ? WallClock.nanoseconds() : 0
        begunAt = context.isSampled ? WallClock.monotonicNanoseconds() : 0
    }

    /// Notes a fact, when anybody will see it.
    package mutating func set(_ name: String, _ value: @autoclosure () -> JSONValue) {
        guard context.isSampled else { return }
        attributes.append((name, value()))
    }

    /// Notes that the work failed; `type` is OpenTelemetry's `error.type`: a status, a code.
    package mutating func fail(_ message: @autoclosure () -> String, type: String) {
        guard context.isSampled else { return }
        failure = message()
        attributes.append(("error.type", .string(type)))
    }
}
