/// Lets one change at a time through, in order of arrival.
///
/// Owned by the actor whose changes it orders: an actor alone would let a second change begin
/// while the first waits for the data loop. The queue is bounded by the API's connections.
struct Turnstile {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Takes the turn; false when it is another's and the caller must `wait`.
    mutating func take() -> Bool {
        defer { isTaken = true }
        return !isTaken
    }

    mutating func wait(_ continuation: CheckedContinuation<Void, Never>) {
        waiting.append(continuation)
    }

    /// Hands the turn to the next, who finds it taken.
    mutating func release() {
        guard !waiting.isEmpty else {
            isTaken = false
            return
        }
        waiting.removeFirst().resume()
    }
}
