@testable import ChaosProxy

extension FuzzTarget {
    private static let words: [[UInt8]] = [
        [0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F], [0, 0, 0, 8, 4, 0xD2, 0x16, 0x30], [0, 3, 0, 0],
        [0x5A, 0, 0, 0, 5, 0x49], [0x5A, 0, 0, 0, 5, 0x54], [0x5A, 0, 0, 0, 5, 0x45],
        [0x43, 0, 0, 0, 11] + Array("COMMIT".utf8) + [0], [0x58, 0, 0, 0, 4], [0x53, 0, 0, 0, 4],
        [0x45, 0, 0, 0, 4], [0x47, 0, 0, 0, 4], [0x57, 0, 0, 0, 4], Array("BEGIN\0".utf8), [0x4E],
        [0x16, 3, 1], [0xFF, 0xFF, 0xFF, 0xFF],
    ]

    /// The watch of PostgreSQL sessions: what it sees does not depend on where the bytes are cut.
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
            let whole = PostgresReading(pieces)
            let cut = PostgresReading(
                pieces.flatMap { piece in
                    mutator.pieces(of: piece.bytes).map {
                        Recording.Piece(isFromClient: piece.isFromClient, bytes: $0)
                    }
                }
            )
            if let mistake = whole.mistake ?? cut.mistake { return mistake }
            return whole == cut ? nil : "in one piece: \(whole); in many: \(cut)"
        }
    }
}

/// What the watch made of a session.
struct PostgresReading: Equatable {
    var phase: PostgresWatch.Phase
    var state: TransactionTracker.State
    var statements: Int
    var transactions: Int
    var commits: [Int] = []
    var mistake: String?

    init(_ pieces: [Recording.Piece]) {
        var watch = PostgresWatch()
        for piece in pieces {
            guard !piece.isFromClient else {
                watch.observeClient(piece.bytes.span)
                continue
            }
            var offset = 0
            while let event = watch.nextServerEvent(in: piece.bytes.span, at: &offset) {
                guard offset <= piece.bytes.count else {
                    mistake = "read beyond the chunk"
                    break
                }
                switch event {
                case .commitAcknowledged(let start, let statement):
                    if start >= offset { mistake = "an event begins behind its end" }
                    commits.append(statement)
                }
            }
        }
        phase = watch.phase
        state = watch.transaction.state
        statements = watch.statements
        transactions = watch.transactions
        if commits.count != watch.commits { mistake = "commits were counted differently" }
    }
}
