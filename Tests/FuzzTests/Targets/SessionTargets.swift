import ChaosModel

@testable import ChaosProxy

extension FuzzTarget {
    private static let words: [[UInt8]] = [
        [0x5A, 0, 0, 0, 5, 0x49], [0x43, 0, 0, 0, 11] + Array("COMMIT".utf8) + [0],
        [0x51, 0, 0, 0, 11] + Array("COMMIT".utf8) + [0], [0x53, 0, 0, 0, 4], [0x54, 0, 0, 0, 6],
        Array("\r\n\r\n".utf8), Array("HTTP/1.1 100 Continue\r\n\r\n".utf8),
        Array("Transfer-Encoding: chunked\r\n".utf8), Array("Connection: Upgrade\r\n".utf8),
    ]

    /// PostgreSQL sessions with toxics armed and disarmed on the way: no trap, all is used up,
    /// no more goes on than came but for what toxics add, and exactly what came when none hits.
    static func postgresToxics() throws -> FuzzTarget {
        try sessions("postgres-toxics", "postgres", .postgres, PostgresInterceptor())
    }

    /// The same for HTTP connections.
    static func httpToxics() throws -> FuzzTarget {
        try sessions("http-toxics", "http", .http, HTTPInterceptor())
    }

    private static func sessions<Protocol: Interceptor>(
        _ name: String,
        _ kind: String,
        _ spoken: SystemDescription.Link.WireProtocol,
        _ fresh: Protocol
    ) throws -> FuzzTarget {
        let recordings = try Recording.all(kind)
        let others = recordings.flatMap { $0.pieces.map(\.bytes) }
        let toxics = try SessionToxics(spoken)
        return FuzzTarget(name: name) { mutator in
            var pieces = recordings[mutator.below(recordings.count)].pieces
            for _ in 0..<mutator.below(3) where !pieces.isEmpty {
                let index = mutator.below(pieces.count)
                mutator.damage(&pieces[index].bytes, others: others, words: words)
            }
            let hits = mutator.below(3) > 0
            var run = SessionRun(fresh, mayChange: hits)
            run.arm(toxics.some(&mutator, hits: hits))
            for piece in pieces {
                for bytes in mutator.pieces(of: piece.bytes) {
                    if mutator.below(20) == 0 { run.arm(toxics.some(&mutator, hits: hits)) }
                    run.feed(bytes, piece.isFromClient ? .upstream : .downstream)
                }
            }
            run.end()
            return run.mistake
        }
    }
}

/// Toxics of a protocol, as they would be added through the API.
struct SessionToxics: Sendable {
    private let toxics: [Toxic]

    init(_ spoken: SystemDescription.Link.WireProtocol) throws {
        let settings = [
            "delay_commit_ack:delay=5ms", "http_delay:delay=5ms", "slow_query:delay=1s",
            "pg_error:sqlstate=40001,at=commit", "pg_error:at=begin",
            "pg_error:at=statement,statement=2", "partial_result:row=1",
            "lose_commit_ack:ask_transaction_id=1", "drop_commit:ask_transaction_id=1",
            "refuse_startup:mode=hang", "stall:timeout=10ms", "http_status:status=500,body=x",
        ]
        let types = ToxicRegistry.types.filter { $0.protocols.contains(spoken) }
        let texts =
            types.map(\.name)
            + settings.filter { text in types.contains { text.hasPrefix($0.name + ":") } }
        let matches = ["", "every=2", "nth=3", "percent=50"]
        var toxics: [Toxic] = []
        for text in texts {
            for match in matches {
                let joint = match.isEmpty ? "" : text.contains(":") ? "," : ":"
                let whole = try? ToxicText(parsing: text + joint + match, as: "")
                // Some types need attributes, and then the bare name says too little.
                guard var request = try whole?.request() else { continue }
                request.name = "\(text) \(match)"
                guard let toxic = try? Toxic(request, of: "p", spoken, exists: { _ in false })
                else {
                    continue
                }
                toxics.append(toxic)
            }
        }
        self.toxics = toxics
    }

    /// None to three of them, counting from the beginning; or such as look but never hit.
    func some(_ mutator: inout InputMutator, hits: Bool) -> [SessionRule] {
        (0..<mutator.below(4)).compactMap { _ in
            let toxic = toxics[mutator.below(toxics.count)]
            // These ask the server for the transaction's number before they know whether they hit.
            if !hits, toxic.fault?.asksTransactionID == true { return nil }
            let fresh = Toxic(
                name: toxic.name,
                type: toxic.type,
                direction: toxic.direction,
                stream: toxic.stream,
                toxicity: 1,
                attributes: toxic.attributes,
                tally: ToxicTally()
            )
            var armed = fresh
            armed.fault = toxic.fault
            armed.match = hits ? toxic.match : ToxicMatch(.nth(1 << 40))
            return SessionRule(armed, proxy: "p", seed: mutator.next())
        }
    }
}

/// One session through an interceptor; holds end at once, and an end ends everything.
struct SessionRun<Protocol: Interceptor> {
    /// What toxics and the interceptor itself may add to a session of any length, bytes: a hit adds
    /// an error or a repeated request, and each arming makes at most a few.
    private static var addedMax: Int { 4 << 20 }

    private var interceptor: Protocol
    /// Whether a toxic may hit.
    private let mayChange: Bool
    private var taken: [Direction: [UInt8]] = [.upstream: [], .downstream: []]
    private var given: [Direction: [UInt8]] = [.upstream: [], .downstream: []]
    private var isOver = false
    private(set) var mistake: String?

    init(_ interceptor: Protocol, mayChange: Bool) {
        self.interceptor = interceptor
        self.mayChange = mayChange
    }

    mutating func arm(_ rules: [SessionRule]) { interceptor.arm(rules) }

    mutating func feed(_ bytes: [UInt8], _ direction: Direction) {
        var offset = 0
        taken[direction]? += bytes
        // Each turn uses up bytes or ends a hold of one message.
        for _ in 0...(2 * bytes.count + 64) where !isOver && mistake == nil {
            guard offset < bytes.count else { return }
            var steps: [InterceptStep] = []
            interceptor.receive(bytes.span, going: direction, at: &offset, into: &steps)
            perform(steps, bytes, direction)
        }
        if !isOver, mistake == nil, offset < bytes.count { mistake = "a chunk is never used up" }
    }

    mutating func end() {
        for direction in Direction.allCases where !isOver {
            var steps: [InterceptStep] = []
            interceptor.ended(direction, into: &steps)
            perform(steps, [], direction)
        }
        let (before, after) = (Self.count(taken), Self.count(given))
        if after > before + Self.addedMax { mistake = "\(before) bytes became \(after)" }
        if !mayChange, taken != given {
            mistake = mistake ?? "\(before) bytes were changed into \(after), and no toxic hit"
        }
        _ = interceptor.goodbye
        _ = interceptor.summary
    }

    private static func count(_ bytes: [Direction: [UInt8]]) -> Int {
        bytes.values.reduce(0) { $0 + $1.count }
    }

    private mutating func perform(
        _ steps: [InterceptStep],
        _ chunk: [UInt8],
        _ direction: Direction
    ) {
        for step in steps where !isOver {
            switch step {
            case .pass(let range):
                guard range.lowerBound >= 0, range.upperBound <= chunk.count else {
                    mistake = "bytes pass that are not there: \(range) of \(chunk.count)"
                    return
                }
                given[direction]? += chunk[range]
            case .send(let bytes, let way): given[way]? += bytes
            case .hold, .fired, .end:
                if case .end = step { isOver = true }
                if !mayChange { mistake = "a toxic hit that cannot: \(step)" }
            }
        }
    }
}
