/// What a server still has to answer, in the order in which it was asked.
///
/// With it each message of the server belongs to a message of the client or of our own, however
/// many are under way (pipelining).
struct AnswerQueue: Sendable {
    /// Most messages under way; beyond, the session is no longer followed.
    static let countMax = 10_000

    /// One message that is answered.
    struct Entry: Sendable {
        let kind: Kind
        /// The answers are not for the client: the message was ours.
        var isHidden = false
        /// The error, too, is not for the client.
        var hidesError = false
        /// Nor is the ReadyForQuery.
        var hidesReady = false
        /// The client gets this in place of the error, or in front of the ReadyForQuery.
        var failure: [UInt8]?
        /// The rules whose text the statement's, or for a COMMIT its transaction's, is.
        var matched: UInt64 = 0
        /// The result tells the number of the transaction.
        var tellsTransactionID = false
        /// When it is answered, the connection breaks and this is recorded.
        var breaking: SessionFiring?

        init(_ kind: Kind, matched: UInt64 = 0) {
            self.kind = kind
            self.matched = matched
        }

        /// Of our own: nothing of its answers is for the client.
        static func hidden(_ kind: Kind) -> Entry {
            var entry = Entry(kind)
            entry.isHidden = true
            return entry
        }
    }

    enum Kind: Sendable, Equatable {
        case parse, bind, describe, execute, close
        /// Answered by ReadyForQuery.
        case query, sync, function

        /// Whether ReadyForQuery ends it.
        var endsInReady: Bool { self == .query || self == .sync || self == .function }
    }

    private var entries: [Entry] = []
    private var first = 0

    var isEmpty: Bool { first == entries.count }
    var count: Int { entries.count - first }
    var isFull: Bool { count >= AnswerQueue.countMax }
    var head: Entry? { isEmpty ? nil : entries[first] }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
    }

    mutating func changeHead(_ body: (inout Entry) -> Void) {
        if !isEmpty { body(&entries[first]) }
    }

    @discardableResult
    mutating func removeFirst() -> Entry? {
        guard !isEmpty else { return nil }
        let entry = entries[first]
        first += 1
        if isEmpty {
            entries.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 1_024 {
            entries.removeFirst(first)
            first = 0
        }
        return entry
    }

    /// An error skips everything before the next Sync; returns what was to break the connection.
    mutating func skipToSync() -> SessionFiring? {
        var breaking: SessionFiring?
        while let head, head.kind != .sync {
            breaking = breaking ?? head.breaking
            removeFirst()
        }
        return breaking
    }

    /// ReadyForQuery: removes everything up to what it answers, and returns that.
    mutating func ready() -> Entry? {
        while let entry = removeFirst() {
            if entry.kind.endsInReady { return entry }
        }
        return nil
    }

    /// A server that copies in ignores each Sync that has been sent before the end of the data.
    mutating func ignoreSyncsBehindHead() {
        guard count > 1 else { return }
        let kept = entries[(first + 1)...].filter { $0.kind != .sync }
        entries.replaceSubrange((first + 1)..., with: kept)
    }

    /// The rules have other places now.
    mutating func remap(_ body: (UInt64) -> UInt64) {
        for index in first..<entries.count { entries[index].matched = body(entries[index].matched) }
    }
}
