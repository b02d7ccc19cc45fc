import JSON

/// The interceptor of one connection as the path sees it.
///
/// A class with one subclass per protocol, like `Stage`: one virtual call per chunk, no
/// existential.
class SessionStage {
    /// Whether every byte must come through here.
    var needsBytes: Bool { false }
    var summary: ConnectionSummary.SessionSummary? { nil }
    var commits: Int { 0 }
    var goodbye: [UInt8] { [] }

    func arm(_ rules: [SessionRule]) {
        preconditionFailure("a stage without an interceptor")
    }

    func receive(
        _ bytes: Span<UInt8>,
        going direction: Direction,
        at offset: inout Int,
        into steps: inout [InterceptStep]
    ) {
        preconditionFailure("a stage without an interceptor")
    }

    func ended(_ direction: Direction, into steps: inout [InterceptStep]) {
        preconditionFailure("a stage without an interceptor")
    }
}

/// The stage of one protocol.
final class InterceptorStage<Protocol: Interceptor>: SessionStage {
    private var interceptor: Protocol

    init(_ interceptor: Protocol) {
        self.interceptor = interceptor
    }

    override var needsBytes: Bool { interceptor.needsBytes }
    override var summary: ConnectionSummary.SessionSummary? { interceptor.summary }
    override var commits: Int { interceptor.commits }
    override var goodbye: [UInt8] { interceptor.goodbye }

    override func arm(_ rules: [SessionRule]) {
        interceptor.arm(rules)
    }

    override func receive(
        _ bytes: Span<UInt8>,
        going direction: Direction,
        at offset: inout Int,
        into steps: inout [InterceptStep]
    ) {
        interceptor.receive(bytes, going: direction, at: &offset, into: &steps)
    }

    override func ended(_ direction: Direction, into steps: inout [InterceptStep]) {
        interceptor.ended(direction, into: &steps)
    }
}

/// What a hold keeps back in one direction: steps that are not done, bytes that are not seen.
struct SessionGate {
    /// The toxic that holds, and until when: monotonic nanoseconds, `Int64.max` until it is
    /// removed.
    private(set) var hold: (toxic: String, until: Int64)?
    /// What is to be done when the gate opens, before anything is read.
    private(set) var steps: ArraySlice<InterceptStep> = []
    /// Bytes that were read and not decided about.
    var backlog: [UInt8] = []

    var isClosed: Bool { hold != nil }

    /// Closes the gate in front of some steps.
    mutating func close(_ hold: SessionHold, now: Int64, before steps: ArraySlice<InterceptStep>) {
        let until = hold.nanoseconds.map { now.addingReportingOverflow($0) }
        self.hold = (hold.toxic, until.map { $0.overflow ? .max : $0.partialValue } ?? .max)
        self.steps = steps
    }

    /// Bytes that another direction sends this way wait as well.
    mutating func queue(_ bytes: [UInt8], _ direction: Direction) {
        steps.append(.send(bytes, direction))
    }

    /// The toxic is gone: what it holds goes on now.
    mutating func release(unless remaining: [String]) {
        guard let hold, !remaining.contains(hold.toxic) else { return }
        self.hold?.until = .min
    }

    /// Opens the gate when its time has come; returns what is to be done, `nil` while it is closed.
    mutating func open(now: Int64) -> (steps: ArraySlice<InterceptStep>, backlog: [UInt8])? {
        guard let hold, hold.until <= now else { return nil }
        let kept = (steps, backlog)
        self.hold = nil
        steps = []
        backlog = []
        return kept
    }
}
