import EventLoop

extension Pipe {
    /// Shows a chunk to the session and does what it says.
    func intercept(_ bytes: UnsafeRawBufferPointer, by session: SessionStage) {
        let span = unsafe Span(_unsafeElements: bytes.bindMemory(to: UInt8.self))
        if direction == .upstream { connection.sessionAsked() }
        var offset = 0
        while offset < bytes.count, connection.isOpen {
            var steps: [InterceptStep] = []
            swap(&steps, &scratch)
            let commits = session.commits
            session.receive(span, going: direction, at: &offset, into: &steps)
            heldCommits += session.commits - commits
            let isDone = unsafe perform(steps[...], on: bytes)
            steps.removeAll(keepingCapacity: true)
            swap(&steps, &scratch)
            guard isDone else {
                unsafe gate.backlog.append(contentsOf: bytes[offset...])
                return
            }
            timeCommits()
        }
    }

    /// Does steps in order; false when one of them closed the gate.
    private func perform(
        _ steps: ArraySlice<InterceptStep>,
        on bytes: UnsafeRawBufferPointer
    ) -> Bool {
        for index in steps.indices where connection.isOpen {
            switch steps[index] {
            case .pass(let range):
                guard !range.isEmpty, chain.ending == .open else { continue }
                unsafe pass(UnsafeRawBufferPointer(rebasing: bytes[range]))
            case .send(let bytes, let direction):
                guard direction != self.direction else {
                    if chain.ending == .open { unsafe bytes.withUnsafeBytes { unsafe pass($0) } }
                    continue
                }
                connection.pipe(direction)?.inject(bytes)
            case .hold(let hold):
                let rest = steps[(index + 1)...]
                gate.close(hold, now: Loop.monotonicNanoseconds(), before: rest)
                return false
            case .fired(let firing): connection.record(firing)
            case .end(let ending): connection.pipe(.downstream)?.finish(with: ending)
            }
        }
        return true
    }

    /// Goes on where the gate was closed; false while it is closed.
    func reopen() -> Bool {
        guard let session = connection.session else { return true }
        guard let kept = gate.open(now: Loop.monotonicNanoseconds()) else {
            if let hold = gate.hold { arm(hold.until) }
            return false
        }
        let isDone = unsafe perform(kept.steps, on: UnsafeRawBufferPointer(start: nil, count: 0))
        guard isDone else {
            gate.backlog = kept.backlog
            return reopen()
        }
        timeCommits()
        unsafe kept.backlog.withUnsafeBytes { unsafe intercept($0, by: session) }
        return !gate.isClosed || reopen()
    }

    /// The acknowledgements of COMMITs went on: the client has them when so many bytes have left.
    private func timeCommits() {
        guard heldCommits > 0, connection.isOpen else { return }
        if chain.ending != .breakClient { connection.acknowledged(heldCommits, mark: bytesPassed) }
        heldCommits = 0
    }

    /// The toxics of the session changed: a hold of one that is gone ends.
    func release(unless toxics: [String]) {
        guard gate.isClosed else { return }
        gate.release(unless: toxics)
        pump()
    }

    /// Sends bytes of the session's own behind what was passed on; reads nothing.
    private func inject(_ bytes: [UInt8]) {
        guard chain.ending == .open else { return }
        guard !gate.isClosed else { return gate.queue(bytes, direction) }
        unsafe bytes.withUnsafeBytes { unsafe pass($0) }
        settle()
    }

    /// Ends the direction behind what was passed on.
    private func finish(with ending: Ending) {
        guard chain.ending == .open else { return }
        endChain(ending)
        settle()
    }

    /// The source ended: what the session keeps back goes on first.
    func endOfSource() {
        if let session = connection.session, session.needsBytes {
            var steps: [InterceptStep] = []
            session.ended(direction, into: &steps)
            _ = unsafe perform(steps[...], on: UnsafeRawBufferPointer(start: nil, count: 0))
        }
        if chain.ending == .open { endChain(.fin) }
    }
}
