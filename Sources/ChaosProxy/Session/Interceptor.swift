import JSON

/// Understands one protocol on one connection and decides what becomes of its messages.
///
/// A value without I/O and without a clock: it gets the bytes of both directions in the order in
/// which they were read, and answers with steps. It never breaks a session that it only watches:
/// what it does not understand passes.
protocol Interceptor: Sendable {
    /// Whether it must see the bytes at all; otherwise they may take the kernel's short cut.
    var needsBytes: Bool { get }

    /// What the listing of connections tells; `nil`: nothing.
    var summary: ConnectionSummary.SessionSummary? { get }

    /// Transactions that a COMMIT closed so far and whose client hears of it.
    var commits: Int { get }

    /// What a server is told before its connection is closed in the middle of a session.
    var goodbye: [UInt8] { get }

    /// Sets the toxics that may hit this connection, in their order.
    mutating func arm(_ rules: [SessionRule])

    /// Reads on from `offset`, which is moved behind what was read.
    ///
    /// It stops behind a step that holds, because what follows is decided when that ends.
    ///
    /// - Parameters:
    ///   - bytes: A chunk as it was read.
    ///   - direction: Where it goes.
    ///   - offset: Where to go on.
    ///   - steps: Gets what is to be done, in order.
    mutating func receive(
        _ bytes: Span<UInt8>,
        going direction: Direction,
        at offset: inout Int,
        into steps: inout [InterceptStep]
    )

    /// The source of a direction has ended; what is kept back goes on.
    mutating func ended(_ direction: Direction, into steps: inout [InterceptStep])
}

/// One thing to be done with the bytes of a session.
enum InterceptStep: Sendable {
    /// These bytes of the chunk go on.
    case pass(Range<Int>)
    /// These bytes go that way as if they had come so.
    case send([UInt8], Direction)
    /// Everything behind this step waits.
    case hold(SessionHold)
    /// A toxic has hit.
    case fired(SessionFiring)
    /// The connection ends when the client has got what was passed on to it.
    case end(Ending)
}

/// How long a direction is held, and by which toxic.
struct SessionHold: Sendable, Equatable {
    let toxic: String
    /// `nil`: until the toxic is removed or changed.
    let nanoseconds: Int64?
}

/// What is recorded of a hit.
struct SessionFiring: Sendable {
    let toxic: String
    let tally: ToxicTally
    var detail: JSONObject
}

/// A toxic on one connection: what it may hit, and what it then does.
struct SessionRule: Sendable {
    let toxic: String
    let fault: SessionFault
    let statement: StatementFilter
    let request: RequestFilter
    let direction: Direction
    let tally: ToxicTally
    private let occurrence: OccurrenceMatch
    private let seed: UInt64

    /// The rule of a toxic; `nil` for a toxic that works on chunks.
    ///
    /// - Parameters:
    ///   - toxic: The toxic, which includes the connection.
    ///   - proxy: The name of its proxy.
    ///   - seed: The server's seed.
    init?(_ toxic: Toxic, proxy: String, seed: UInt64) {
        guard let fault = toxic.fault else { return nil }
        self.toxic = toxic.name
        self.fault = fault
        statement = toxic.match?.statement ?? StatementFilter()
        request = toxic.match?.request ?? RequestFilter()
        direction = toxic.direction
        tally = toxic.tally
        // Whose occurrences are connections has chosen this one already.
        let counted = toxic.matchUnit == .event ? toxic.match?.occurrence : nil
        occurrence = counted ?? .every(1)
        var dice = toxic.dice("match", 0, proxy: proxy, seed: seed)
        self.seed = dice.next()
    }

    /// Counts an occurrence; returns its number when it is hit.
    func occur() -> Int? {
        let ordinal = tally.nextOccurrence()
        return occurrence.hits(ordinal: ordinal, seed: seed) ? ordinal : nil
    }
}
