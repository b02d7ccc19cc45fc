/// What to do with a request whose idempotency key may have been seen before.
package enum IdempotencyDecision: Hashable, Sendable {
    /// The key is new: do it.
    case execute
    /// The same request was begun and has no result: find out what became of it, with the same key.
    case resume
    /// The same request was finished: give the same answer again.
    case replay
    /// The key belongs to another request: refuse with 422, change nothing.
    case mismatch

    /// What is stored under a key.
    package struct Record: Hashable, Sendable {
        package var requestHash: String
        package var isFinished: Bool

        package init(requestHash: String, isFinished: Bool) {
            self.requestHash = requestHash
            self.isFinished = isFinished
        }
    }

    /// Decides from what is stored under the key (`nil`: nothing).
    package init(requestHash: String, stored: Record?) {
        guard let stored else {
            self = .execute
            return
        }
        if stored.requestHash != requestHash {
            self = .mismatch
        } else {
            self = stored.isFinished ? .replay : .resume
        }
    }
}
