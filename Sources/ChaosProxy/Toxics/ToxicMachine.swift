/// What stands at the head of a stage.
enum StageItem: Sendable, Equatable {
    /// Nothing is waiting.
    case nothing
    /// A chunk: its bytes not yet passed on, and when the proxy received it (monotonic
    /// nanoseconds).
    case chunk(byteCount: Int, receivedAt: Int64)
    /// Everything before the end of the stream has been passed on; now the end itself.
    case end
}

/// What a stage does next.
enum StageStep: Sendable, Equatable {
    /// Pass on the first bytes of the chunk at the head.
    case pass(byteCount: Int)
    /// Lose the chunk at the head.
    case drop
    /// Flip so many bits of the chunk at the head, at places that the seed chooses, and pass it on.
    case flip(bits: Int, seed: UInt64)
    /// Pass on the end of the stream.
    case passEnd
    /// Nothing before this time, monotonic nanoseconds; `Int64.max`: until something arrives.
    case wait(until: Int64)
    /// Deliver what was passed on, then close the connection (FIN to both sides).
    case close
    /// Break the connection at once (RST to both sides).
    case reset
}

/// The logic of one toxic on one direction of one connection: a value without I/O and without a
/// clock.
///
/// The stage that runs it asks `next` until the answer is a wait, whenever something arrives and
/// whenever the time of the last wait has come.
protocol ToxicMachine: Sendable {
    /// - Parameters:
    ///   - attributes: In the order of the type's fields.
    ///   - random: The dice of this toxic on this direction of this connection.
    ///   - now: When the stage starts, monotonic nanoseconds.
    init(attributes: ToxicAttributes, random: SeedStream, now: Int64)

    /// Decides about the head of the stage. `hits` counts what the toxic did to the stream.
    mutating func next(_ item: StageItem, now: Int64, hits: inout Int) -> StageStep

    /// The attributes were changed while the connection is open.
    mutating func update(attributes: ToxicAttributes, now: Int64)

    /// Whether the connection closes when the toxic is removed; otherwise held chunks are released.
    static var closesOnRemoval: Bool { get }
}

extension ToxicMachine {
    static var closesOnRemoval: Bool { false }
}
