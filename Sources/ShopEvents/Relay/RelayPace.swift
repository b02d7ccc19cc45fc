/// How long a relay rests between two looks at its outbox; a value.
///
/// A batch costs the broker and its readers a transaction, whatever its size: the emptier one was,
/// the longer the rest, so that the next is fuller; one that was half full calls for the next at
/// once. An empty outbox calls for ever longer rests.
struct RelayPace: Sendable, Equatable {
    /// After a batch that was all but empty.
    static let rest: Duration = .milliseconds(20)
    /// After many looks that found nothing.
    static let restMax: Duration = .milliseconds(100)

    private var idle: Duration = .zero

    init() {}

    /// The rest after a look that found so many of so many that there was room for, at least one.
    mutating func rest(after count: Int, of room: Int) -> Duration {
        guard count == 0 else {
            idle = .zero
            return Self.rest * max(0, room - 2 * count) / room
        }
        idle = min(max(idle * 2, Self.rest), Self.restMax)
        return idle
    }
}
