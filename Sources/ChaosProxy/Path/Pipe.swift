import EventLoop

/// One direction of a connection: reads from the source, lets the stages decide, writes to the
/// target.
///
/// Without a stage no chunk is made: the bytes go through the loop's shared buffer or, when the
/// stream is bulky, through a pipe of the kernel's.
final class Pipe {
    /// Reads before other connections get their turn.
    private static let readsPerTurn = 16
    /// Bytes before other connections get their turn.
    private static let bytesPerTurn = 2 << 20

    let direction: Direction
    let source: Endpoint
    let target: Endpoint
    /// Until the connection is closed, which lets go of its pipes: an unowned reference would make
    /// every look at it slow.
    let connection: Connection
    private(set) var chain = StageChain()
    private var bulk = BulkLane()
    /// Whether no stage, session, encryption or byte under way has a say in what comes next.
    ///
    /// Found at the end of a turn of `pump`; whatever may change it takes it back.
    private(set) var isPlain = false
    /// Holds of the session.
    var gate = SessionGate()
    /// Bytes that were put in behind the session, to stages and target.
    private(set) var bytesPassed = 0
    /// COMMITs whose acknowledgements were seen and not passed on yet.
    var heldCommits = 0
    /// Room for the session's steps, so that a chunk needs no allocation.
    var scratch: [InterceptStep] = []
    /// Bytes read from the source so far.
    private(set) var bytesReceived = 0
    /// Bytes written to the target so far.
    private(set) var bytesSent = 0
    /// The connection wants to know when this many bytes have been written.
    var sentMark = Int.max
    /// The target got its FIN: nothing more will be written.
    private(set) var isFinished = false
    private var timer: TimerToken?
    private var timerDue = Int64.max

    init(direction: Direction, source: Endpoint, target: Endpoint, connection: Connection) {
        self.direction = direction
        self.source = source
        self.target = target
        self.connection = connection
    }

    /// Whether there is something to do when the target becomes writable.
    var hasOutput: Bool {
        !isDrainedToTarget || (chain.ending != .open && !isFinished)
    }
    /// Whether nothing that was read waits on this side.
    var isDrained: Bool { chain.isDrained && bulk.isEmpty }

    /// The short way of a conversation that nobody looks at: what one read gives leaves at once.
    ///
    /// Whatever is not so simple is left to `pump`.
    func relay() {
        guard isPlain, source.isReadable, target.isWritable else { return pump() }
        let buffer = unsafe connection.buffer.bytes
        let outcome = unsafe Sockets.receive(source.descriptor, into: buffer)
        guard case .moved(let count) = outcome, count < BulkGauge.largePiece, !source.hasHungUp
        else {
            isPlain = false
            unsafe took(outcome, in: buffer)
            return pump()
        }
        // A short read: the socket is empty.
        source.isReadable = false
        tookIn(count)
        bytesPassed += count
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
        guard case .moved(count) = unsafe send(bytes) else { return pump() }
    }

    /// Moves what can be moved, until a socket would block, the turn is over or the connection
    /// ends.
    func pump() {
        isPlain = false
        // A step may end the connection, and its link may have been its last owner.
        let connection = self.connection
        withExtendedLifetime(connection) {
            var reads = Pipe.readsPerTurn
            let limit = bytesReceived + Pipe.bytesPerTurn
            while connection.isOpen {
                guard advance(), flush() else { return }
                guard !gate.isClosed || reopen() else { return }
                guard source.isReadable, mayRead else { return findPlain() }
                guard reads > 0, bytesReceived < limit else { return again() }
                reads -= 1
                take()
            }
        }
    }

    private func findPlain() {
        isPlain =
            connection.session == nil && !source.isSecure && !target.isSecure
            && chain.isEmpty && chain.outbox.isEmpty && chain.ending == .open && bulk.isAtRest
    }

    /// Where the time that stages hold chunks is measured.
    func meter(with meter: LatencyMeter) { chain.meter = meter }

    /// Changes the stages of the open connection, then moves on.
    func change(_ body: (inout StageChain) -> Void) {
        isPlain = false
        body(&chain)
        timerDue = .max
        if !chain.isEmpty, !bulk.isEmpty { unstage() }
        pump()
    }

    /// What is in the kernel's pipe becomes the first stage's, before anything newer is read.
    private func unstage() {
        let now = Loop.monotonicNanoseconds()
        unsafe bulk.drain(scratch: connection.buffer.chunk, pool: connection.splices) { bytes in
            unsafe chain.append(copying: bytes, receivedAt: now)
        }
    }

    /// Nothing fires or is under way after this.
    func stop() {
        isPlain = false
        stopTimer()
        bulk.release(to: connection.splices)
    }

    private func stopTimer() {
        if let timer { connection.loop.cancel(timer) }
        timer = nil
        timerDue = .max
    }

    private var mayRead: Bool {
        guard chain.isEmpty else { return chain.hasRoom }
        return chain.outbox.isEmpty && bulk.isEmpty && chain.ending == .open
    }

    /// Lets the stages decide; false when one of them broke the connection.
    private func advance() -> Bool {
        guard !chain.isEmpty else { return true }
        switch chain.advance(now: Loop.monotonicNanoseconds()) {
        case .reset:
            connection.abort()
            return false
        case .wait(let due):
            arm(due)
            return true
        }
    }

    /// Writes what is ready; false when the connection ended.
    private func flush() -> Bool {
        guard target.flush() else {
            connection.abort()
            return false
        }
        while target.isWritable, !(chain.outbox.isEmpty && bulk.isEmpty) {
            switch flushOnce() {
            case .moved(let count): sent(count)
            case .ended: break
            case .blocked: target.isWritable = false
            case .failed:
                connection.abort()
                return false
            }
        }
        guard chain.ending != .open, !isFinished else { return true }
        guard isDrainedToTarget else {
            if chain.ending != .fin { connection.limitLinger() }
            return true
        }
        isFinished = true
        connection.deliver(chain.ending, to: target)
        return connection.isOpen
    }

    /// Whether nothing that the stages passed on waits for the target.
    private var isDrainedToTarget: Bool {
        chain.outbox.isEmpty && bulk.isEmpty && !target.hasOutput
    }

    /// Writes once, oldest first.
    private func flushOnce() -> Sockets.Outcome {
        // The lane is filled only when the outbox is empty: what is in it is always older.
        guard bulk.isEmpty else { return bulk.flush(to: target.descriptor) }
        var outcome = Sockets.Outcome.blocked
        let target = target
        _ = unsafe chain.outbox.consumeFirst { bytes in
            outcome = unsafe target.send(bytes)
            if case .moved(let count) = outcome { return count }
            return 0
        }
        return outcome
    }

    /// Reads once, by the way that suits the stream.
    private func take() {
        guard chain.isEmpty, bulk.isPreferred, maySplice else { return takeCopy() }
        switch bulk.fill(from: source.descriptor, pool: connection.splices) {
        case .unavailable: takeCopy()
        case .outcome(.blocked): source.isReadable = false
        case .outcome(.failed): connection.abort()
        case .outcome(.ended):
            source.isReadable = false
            source.hasEnded = true
            chain.end(.fin)
        case .outcome(.moved(let count)): tookIn(count)
        }
    }

    /// Whether nobody in this process must see or change the bytes.
    private var maySplice: Bool {
        !connection.isWatched && !source.isSecure && !target.isSecure
    }

    /// Reads into the shared buffer and passes the bytes on.
    private func takeCopy() {
        let shared = connection.buffer
        let buffer = unsafe chain.isEmpty ? shared.bytes : shared.chunk
        unsafe took(source.receive(into: buffer), in: buffer)
    }

    /// Goes on with what a read gave.
    private func took(_ outcome: Sockets.Outcome, in buffer: UnsafeMutableRawBufferPointer) {
        switch outcome {
        case .blocked: source.isReadable = false
        case .failed: connection.abort()
        case .ended:
            source.isReadable = false
            source.hasEnded = true
            endOfSource()
        case .moved(let count):
            // A short read means that the socket is empty, unless the peer has ended: then the end
            // itself is still to be read.
            if count < buffer.count, !source.hasHungUp, !source.isSecure {
                source.isReadable = false
            }
            tookIn(count)
            bulk.copied(count)
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
            unsafe received(bytes)
        }
    }

    private func tookIn(_ count: Int) {
        bytesReceived += count
        if direction == .upstream { connection.clientAsked() }
    }

    private func sent(_ count: Int) {
        bytesSent += count
        if bytesSent >= sentMark { connection.answersLeft() }
        if direction == .downstream { connection.clientHeard() }
    }

    private func received(_ bytes: UnsafeRawBufferPointer) {
        guard let session = connection.session, session.needsBytes else {
            return unsafe pass(bytes)
        }
        unsafe intercept(bytes, by: session)
    }

    /// Nothing more is taken in.
    func endChain(_ ending: Ending) {
        isPlain = false
        chain.end(ending)
    }

    /// Moves on what was put in from outside; reads nothing.
    func settle() {
        let connection = self.connection
        withExtendedLifetime(connection) {
            guard connection.isOpen, advance() else { return }
            _ = flush()
        }
    }

    func pass(_ bytes: UnsafeRawBufferPointer) {
        bytesPassed += bytes.count
        guard chain.isEmpty else {
            return unsafe chain.append(copying: bytes, receivedAt: Loop.monotonicNanoseconds())
        }
        guard target.isWritable, bytes.count > 0 else {
            isPlain = false
            return unsafe chain.append(copying: bytes, receivedAt: 0)
        }
        _ = unsafe send(bytes)
    }

    /// Writes once; what the target does not take waits in the outbox.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Sockets.Outcome {
        let outcome = unsafe target.send(bytes)
        var rest = unsafe bytes
        switch outcome {
        case .moved(let count):
            sent(count)
            if count == bytes.count { return outcome }
            unsafe rest = UnsafeRawBufferPointer(rebasing: bytes[count...])
        case .blocked, .ended: break
        case .failed:
            connection.abort()
            return outcome
        }
        isPlain = false
        target.isWritable = false
        unsafe chain.append(copying: rest, receivedAt: 0)
        return outcome
    }

    func arm(_ due: Int64) {
        guard due < .max, due < timerDue else { return }
        stopTimer()
        timerDue = due
        let delay = Duration.nanoseconds(max(0, due - Loop.monotonicNanoseconds()))
        timer = connection.loop.after(delay) { self.timerFired() }
    }

    private func timerFired() {
        timer = nil
        timerDue = .max
        pump()
    }

    /// Goes on after the other connections had their turn.
    private func again() {
        connection.loop.after(.zero) { [connection] in
            if connection.isOpen { self.pump() }
        }
    }
}
