/// How the processor shall misbehave: the body of its `PUT /behaviours/{name}`.
package struct BehaviourRequest: Sendable, Equatable {
    /// When a request fails; the caller hears the same 500 in both cases.
    package enum Failure: String, Sendable, CaseIterable {
        /// Nothing was done.
        case before
        /// What was asked for was done.
        case after
    }

    package static let delayRange: ClosedRange<Int64> = 0...60_000
    package static let answersRange: ClosedRange<Int64> = 1...8
    package static let shareRange: ClosedRange<Double> = 0...1
    package static let timesRange: ClosedRange<Int64> = 1...1_000_000_000
    package static let leaseRange: ClosedRange<Int64> = 1...86_400_000

    /// How much later the answer leaves.
    package var delayMilliseconds: Int64 = 0
    package var failure: Failure?
    /// How often the answer is sent.
    package var answers: Int64 = 1
    /// The share of the requests that are hit.
    package var share = 1.0
    /// After so many hits it is spent; `nil`: never.
    package var times: Int64?
    /// Decides which requests are hit.
    package var seed: Int64 = 0
    /// It ends by itself after this.
    package var leaseMilliseconds: Int64

    package init(leaseMilliseconds: Int64) {
        self.leaseMilliseconds = leaseMilliseconds
    }

    private static let members = [
        "delay_ms", "fail", "answers", "share", "times", "seed", "for_ms",
    ]

    /// Reads a body.
    ///
    /// - Throws: `RequestError` with every mistake; a member that is misspelt is one.
    package init(body: [UInt8]) throws(RequestError) {
        var fields = try FieldReader(body: body)
        fields.allow(only: Self.members)
        leaseMilliseconds = fields.integer("for_ms", in: Self.leaseRange)
        if fields.has("delay_ms") {
            delayMilliseconds = fields.integer("delay_ms", in: Self.delayRange)
        }
        if fields.has("fail") {
            failure = Failure(
                rawValue: fields.choice("fail", Failure.allCases.map(\.rawValue))
            )
        }
        if fields.has("answers") { answers = fields.integer("answers", in: Self.answersRange) }
        if fields.has("share") { share = fields.number("share", in: Self.shareRange) }
        if fields.has("times") { times = fields.integer("times", in: Self.timesRange) }
        if fields.has("seed") { seed = fields.integer("seed", in: Int64.min...Int64.max) }
        try fields.finish()
        guard delayMilliseconds > 0 || failure != nil || answers > 1 else {
            throw RequestError(problems: ["Send at least one of delay_ms, fail and answers."])
        }
    }

    /// Reads the body of `PATCH /behaviours/{name}`: the new lease in milliseconds.
    package static func lease(body: [UInt8]) throws(RequestError) -> Int64 {
        var fields = try FieldReader(body: body)
        fields.allow(only: ["for_ms"])
        let lease = fields.integer("for_ms", in: leaseRange)
        try fields.finish()
        return lease
    }
}
