/// The zero-copy way of one direction: the bytes between two sockets stay in the kernel.
///
/// Order is kept by two rules of its owner: it is filled only when nothing waits before it, and it
/// is drained into the stages before they get anything newer.
struct BulkLane {
    private var gauge = BulkGauge()
    private var pipe: SplicePipe?

    /// What filling gave.
    enum Filling: Equatable {
        /// The socket's answer.
        case outcome(Sockets.Outcome)
        /// There is no pipe or the socket cannot be spliced: copy.
        case unavailable
    }

    /// Whether the next bytes shall come this way.
    var isPreferred: Bool { gauge.isBulk }
    /// Whether no bytes are under way in it.
    var isEmpty: Bool { pipe.map { $0.byteCount == 0 } ?? true }

    /// Whether small pieces change nothing here.
    var isAtRest: Bool { gauge == BulkGauge() && isEmpty }

    /// A copying read gave so many bytes.
    mutating func copied(_ count: Int) { gauge.moved(count) }

    /// Moves what a socket has into the pipe, which must be empty.
    mutating func fill(from descriptor: Int32, pool: SplicePool) -> Filling {
        precondition(isEmpty, "a lane is filled when it is empty, never on top of older bytes")
        guard let pipe = pipe ?? pool.take() else {
            gauge.reset()
            return .unavailable
        }
        self.pipe = pipe
        let outcome = Sockets.splice(
            from: descriptor,
            to: pipe.writeEnd,
            byteCount: SplicePool.capacity
        )
        switch outcome {
        case .moved(let count):
            self.pipe?.byteCount = count
            gauge.moved(count)
        case .failed(let code) where Sockets.isSpliceRefusal(code):
            release(to: pool)
            gauge.reset()
            return .unavailable
        case .blocked, .ended, .failed: release(to: pool)
        }
        return .outcome(outcome)
    }

    /// Moves what is under way into a socket.
    mutating func flush(to descriptor: Int32) -> Sockets.Outcome {
        guard let pipe, pipe.byteCount > 0 else { return .blocked }
        let outcome = Sockets.splice(
            from: pipe.readEnd,
            to: descriptor,
            byteCount: pipe.byteCount
        )
        if case .moved(let count) = outcome { self.pipe?.byteCount -= count }
        return outcome
    }

    /// Takes what is under way out again, piece by piece through `scratch`, oldest first.
    mutating func drain(
        scratch: UnsafeMutableRawBufferPointer,
        pool: SplicePool,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        while let pipe, pipe.byteCount > 0 {
            // The kernel holds these bytes: a read cannot fail and never blocks.
            guard case .moved(let count) = unsafe Sockets.read(pipe.readEnd, into: scratch) else {
                preconditionFailure("a kernel pipe gives back what was put into it")
            }
            self.pipe?.byteCount -= count
            unsafe body(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
        }
        release(to: pool)
    }

    /// Gives the pipe back; what is still under way is lost.
    mutating func release(to pool: SplicePool) {
        if let pipe { pool.giveBack(pipe) }
        pipe = nil
    }
}
