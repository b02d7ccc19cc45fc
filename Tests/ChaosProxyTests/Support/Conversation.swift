import JSON

@testable import ChaosProxy

/// What one side sends.
enum Speech: Sendable {
    case client([UInt8])
    case server([UInt8])

    var direction: Direction {
        switch self {
        case .client: .upstream
        case .server: .downstream
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .client(let bytes), .server(let bytes): bytes
        }
    }
}

/// A session spoken to an interceptor without sockets; holds are waited for at once.
struct Conversation<Protocol: Interceptor> {
    var interceptor: Protocol
    private(set) var sent: [Direction: [UInt8]] = [.upstream: [], .downstream: []]
    private(set) var firings: [SessionFiring] = []
    private(set) var holds: [SessionHold] = []
    private(set) var ending: Ending?

    init(_ interceptor: Protocol, rules: [SessionRule] = []) {
        self.interceptor = interceptor
        self.interceptor.arm(rules)
    }

    /// Speaks in chunks of a size, then ends both directions.
    mutating func hold(_ session: [Speech], chunk: Int) {
        for speech in session { say(speech, chunk: chunk) }
        for direction in Direction.allCases {
            var steps: [InterceptStep] = []
            interceptor.ended(direction, into: &steps)
            perform(steps, [], direction)
        }
    }

    mutating func say(_ speech: Speech, chunk: Int = 1 << 20) {
        let bytes = speech.bytes
        var start = 0
        while start < bytes.count {
            let part = Array(bytes[start..<min(bytes.count, start + chunk)])
            start += part.count
            var rest = part
            while !rest.isEmpty {
                var steps: [InterceptStep] = []
                var offset = 0
                interceptor.receive(rest.span, going: speech.direction, at: &offset, into: &steps)
                perform(steps, rest, speech.direction)
                // What is behind a hold comes again as a chunk of its own.
                rest = Array(rest[offset...])
            }
        }
    }

    private mutating func perform(
        _ steps: [InterceptStep],
        _ chunk: [UInt8],
        _ direction: Direction
    ) {
        for step in steps {
            switch step {
            case .pass(let range):
                sent[direction, default: []] += chunk[range]
            case .send(let bytes, let way): sent[way, default: []] += bytes
            case .hold(let hold): holds.append(hold)
            case .fired(let firing): firings.append(firing)
            case .end(let ending): self.ending = ending
            }
        }
    }

    /// Whether both sides got exactly what the other said.
    func isUnchanged(_ session: [Speech]) -> Bool {
        Direction.allCases.allSatisfy { direction in
            sent[direction] == session.filter { $0.direction == direction }.flatMap(\.bytes)
        }
    }

    /// The ordinals of the statements that were hit.
    var statements: [Int] {
        firings.compactMap { $0.detail["statement"]?.integerValue.map(Int.init) }
    }
}

extension Conversation where Protocol == PostgresInterceptor {
    init(rules: [SessionRule]) {
        self.init(PostgresInterceptor(), rules: rules)
    }
}

extension SessionRule {
    /// A rule of a toxic that hits each occurrence.
    static func sample(
        _ fault: SessionFault,
        match: ToxicMatch? = nil,
        direction: Direction = .downstream
    ) -> SessionRule {
        var toxic = Toxic.sample(.loseCommitAck)
        toxic.fault = fault
        toxic.match = match
        guard let rule = SessionRule(toxic, proxy: "p", seed: 1) else {
            preconditionFailure("a toxic with a fault has a rule")
        }
        return rule
    }

    /// Hits each acknowledgement of a COMMIT and changes nothing.
    static var everyCommit: SessionRule {
        .sample(.delayCommitAck(nanoseconds: 0, asksTransactionID: false))
    }
}
