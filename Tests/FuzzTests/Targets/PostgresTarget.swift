@testable import ChaosProxy

extension FuzzTarget {
    private static let words: [[UInt8]] = [
        [0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F], [0, 0, 0, 8, 4, 0xD2, 0x16, 0x30], [0, 3, 0, 0],
        [0x5A, 0, 0, 0, 5, 0x49], [0x5A, 0, 0, 0, 5, 0x54], [0x5A, 0, 0, 0, 5, 0x45],
        [0x43, 0, 0, 0, 11] + Array("COMMIT".utf8) + [0], [0x58, 0, 0, 0, 4], [0x53, 0, 0, 0, 4],
        [0x45, 0, 0, 0, 4], [0x47, 0, 0, 0, 4], [0x57, 0, 0, 0, 4], Array("BEGIN\0".utf8), [0x4E],
        [0x16, 3, 1], [0xFF, 0xFF, 0xFF, 0xFF],
    ]

    /// PostgreSQL sessions, watched or with a toxic armed that never hits: every byte goes on in
    /// order, and what is seen does not depend on where the bytes are cut.
    static func postgres() throws -> FuzzTarget {
        let recordings = try Recording.all("postgres")
        let others = recordings.flatMap { $0.pieces.map(\.bytes) }
        return FuzzTarget(name: "postgres") { mutator in
            var pieces = recordings[mutator.below(recordings.count)].pieces
            for _ in 0...mutator.below(3) where !pieces.isEmpty {
                let index = mutator.below(pieces.count)
                switch mutator.below(8) {
                case 0: pieces.remove(at: index)
                case 1: pieces.insert(pieces[index], at: mutator.below(pieces.count))
                case 2: pieces[index].isFromClient.toggle()
                default: mutator.damage(&pieces[index].bytes, others: others, words: words)
                }
            }
            let isArmed = mutator.below(2) == 1
            let whole = PostgresReading(pieces, isArmed: isArmed)
            let cut = PostgresReading(
                pieces.flatMap { piece in
                    mutator.pieces(of: piece.bytes).map {
                        Recording.Piece(isFromClient: piece.isFromClient, bytes: $0)
                    }
                },
                isArmed: isArmed
            )
            if let mistake = whole.mistake ?? cut.mistake { return mistake }
            return whole == cut ? nil : "in one piece: \(whole); in many: \(cut)"
        }
    }
}

/// What the interceptor made of a session.
struct PostgresReading: Equatable {
    var phase: PostgresSession.Phase
    var state: TransactionTracker.State
    var statements: Int
    var transactions: Int
    var commits: Int
    var mistake: String?

    init(_ pieces: [Recording.Piece], isArmed: Bool) {
        var interceptor = PostgresInterceptor()
        interceptor.arm(isArmed ? [PostgresReading.rule].compactMap { $0 } : [])
        var sent: [Direction: [UInt8]] = [:]
        var given: [Direction: [UInt8]] = [:]
        for piece in pieces {
            let direction: Direction = piece.isFromClient ? .upstream : .downstream
            given[direction, default: []] += piece.bytes
            var offset = 0
            var steps: [InterceptStep] = []
            interceptor.receive(
                piece.bytes.span,
                going: direction,
                at: &offset,
                into: &steps
            )
            if offset != piece.bytes.count { mistake = "a chunk was not used up" }
            PostgresReading.perform(steps, piece.bytes, direction, &sent, &mistake)
        }
        for direction in Direction.allCases {
            var steps: [InterceptStep] = []
            interceptor.ended(direction, into: &steps)
            PostgresReading.perform(steps, [], direction, &sent, &mistake)
            if sent[direction] ?? [] != given[direction] ?? [] {
                mistake = "bytes going \(direction.rawValue) were changed"
            }
        }
        phase = interceptor.session.phase
        state = interceptor.session.transaction.state
        statements = interceptor.session.statements
        transactions = interceptor.session.transactions
        commits = interceptor.session.commits
    }

    /// A toxic that looks at everything and never hits.
    private static var rule: SessionRule? {
        var toxic = Toxic(
            name: "never",
            type: .partialResult,
            direction: .downstream,
            stream: "downstream",
            toxicity: 1,
            attributes: ToxicAttributes([1]),
            tally: ToxicTally()
        )
        toxic.fault = .partialResult(row: 1)
        toxic.match = ToxicMatch(.nth(1 << 40))
        return SessionRule(toxic, proxy: "p", seed: 1)
    }

    private static func perform(
        _ steps: [InterceptStep],
        _ chunk: [UInt8],
        _ direction: Direction,
        _ sent: inout [Direction: [UInt8]],
        _ mistake: inout String?
    ) {
        for step in steps {
            switch step {
            case .pass(let range): sent[direction, default: []] += chunk[range]
            case .send(let bytes, let way): sent[way, default: []] += bytes
            case .hold, .fired, .end: mistake = "a toxic hit that cannot"
            }
        }
    }
}
