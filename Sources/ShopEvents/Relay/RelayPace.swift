/// How long a relay rests between two looks at its outbox; a value.
///
/// A full batch calls for the next at once; a small one for a short rest, so that the next is
/// larger; an empty outbox for ever longer ones.
struct RelayPace: Sendable, Equatable {
    /// After a batch that was neither full nor empty; each costs the broker and its readers a
    /// transaction, whatever its size.
    static let rest: Duration = .milliseconds(20)
    /// After many looks that found nothing.
    static let restMax: Duration = .milliseconds(100)

    private var idle: Duration = .zero

    init() {}

    /// The rest after a look that found so many of so many that there was room for.
    mutating func rest(after count: Int, of room: Int) -> Duration {
        guard count == 0 else {
            idle = .zero
            return count * 2 >= room ? .zero : Self.rest
        }
        idle = min(max(idle * 2, Self.rest), Self.restMax)
        return idle
    }
}
