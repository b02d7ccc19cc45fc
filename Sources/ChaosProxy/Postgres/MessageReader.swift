/// One direction of a session: its framer, and what was seen of a message that is not told yet.
struct MessageReader: Sendable {
    var framer: MessageFramer
    /// The bytes of an untold message from earlier chunks.
    private var collected: [UInt8] = []
    /// Whether those bytes went on already, so that nothing can be decided about the message.
    private(set) var hasPassed = false
    /// The rest of the message under way is lost.
    private var dropsRest = false

    init(hasTypeByte: Bool) {
        framer = MessageFramer(hasTypeByte: hasTypeByte)
    }

    /// Whether what was passed on stopped between two messages.
    var isCleanlyPassed: Bool {
        framer.isAtBoundary || (framer.isUndecided && !hasPassed) || dropsRest
    }

    /// Loses what is there of the rest of a lost message; whether the chunk is used up by that.
    mutating func skipLost(in bytes: Span<UInt8>, at offset: inout Int, mark: inout Int) -> Bool {
        guard dropsRest else { return false }
        framer.skipRest(in: bytes, at: &offset)
        mark = offset
        dropsRest = framer.rest > 0
        return dropsRest
    }

    /// The chunk is used up: passes on what is decided, keeps or passes the beginning of a message.
    mutating func exhaust(
        _ bytes: Span<UInt8>,
        mark: Int,
        holds: Bool,
        going direction: Direction,
        into steps: inout [InterceptStep]
    ) {
        guard framer.isUndecided else {
            releaseSkipped(direction, into: &steps)
            if mark < bytes.count { steps.append(.pass(mark..<bytes.count)) }
            return
        }
        // `start` counts from the next chunk now.
        let start = max(mark, framer.start + bytes.count)
        if framer.start + bytes.count >= 0 { releaseSkipped(direction, into: &steps) }
        let isNew = collected.isEmpty
        if isNew { hasPassed = !holds }
        append(bytes.extracting(start..<bytes.count))
        let end = hasPassed ? bytes.count : start
        if mark < end { steps.append(.pass(mark..<end)) }
    }

    /// The told message from its first byte; empty when it is whole in the chunk.
    mutating func gather(
        _ bytes: Span<UInt8>,
        to offset: Int,
        going direction: Direction,
        into steps: inout [InterceptStep]
    ) -> [UInt8] {
        if framer.start >= 0 { releaseSkipped(direction, into: &steps) }
        guard !collected.isEmpty else { return [] }
        append(bytes.extracting(max(0, framer.start)..<offset))
        return collected
    }

    /// What was kept turned out to be the head of a message that nobody wants: it goes on.
    private mutating func releaseSkipped(
        _ direction: Direction,
        into steps: inout [InterceptStep]
    ) {
        let kept = release()
        if !kept.isEmpty { steps.append(.send(kept, direction)) }
    }

    /// The told message goes on as it is.
    mutating func pass(
        going direction: Direction,
        chunkPart: Int,
        into steps: inout [InterceptStep]
    ) {
        guard !collected.isEmpty else { return }
        if !hasPassed {
            let kept = collected.count - chunkPart
            steps.append(.send(Array(collected[..<kept]), direction))
        }
        forget()
    }

    /// Other steps take the place of the told message.
    mutating func replace(dropsRest: Bool) {
        self.dropsRest = dropsRest && framer.rest > 0
        forget()
    }

    /// Gives back what is kept and not passed on.
    mutating func release() -> [UInt8] {
        let kept = hasPassed ? [] : collected
        forget()
        return kept
    }

    private mutating func forget() {
        collected.removeAll(keepingCapacity: collected.capacity <= 512)
        hasPassed = false
    }

    private mutating func append(_ bytes: Span<UInt8>) {
        for index in bytes.indices { collected.append(bytes[index]) }
    }
}
