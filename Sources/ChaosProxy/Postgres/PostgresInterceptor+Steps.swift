extension PostgresInterceptor {
    /// Turns a verdict about the told message into steps; whether one of them holds.
    ///
    /// `mark`: the first byte of the chunk that no step has dealt with; `start` and `offset`: where
    /// what was seen of the message begins and ends in the chunk.
    mutating func carryOut(
        _ verdict: Verdict,
        _ direction: Direction,
        mark: inout Int,
        start: Int,
        _ offset: Int,
        into steps: inout [InterceptStep]
    ) -> Bool {
        guard case .replace(let dropsRest) = verdict else {
            let part = offset - start
            if direction == .upstream {
                client.pass(going: direction, chunkPart: part, into: &steps)
            } else {
                server.pass(going: direction, chunkPart: part, into: &steps)
            }
            return false
        }
        if mark < start { steps.append(.pass(mark..<start)) }
        mark = offset
        if direction == .upstream {
            client.replace(dropsRest: dropsRest)
        } else {
            server.replace(dropsRest: dropsRest)
        }
        var holds = false
        for step in plan {
            if case .hold = step { holds = true }
            if case .end = step { isOver = true }
            steps.append(step)
        }
        plan.removeAll(keepingCapacity: true)
        return holds
    }

    /// The rest of a chunk that is not looked at, with what was kept before it.
    mutating func passOn(
        _ bytes: Span<UInt8>,
        from mark: Int,
        _ direction: Direction,
        into steps: inout [InterceptStep]
    ) {
        // Both directions: neither will be looked at again.
        let kept = [(Direction.upstream, client.release()), (.downstream, server.release())]
        for (direction, bytes) in kept where !bytes.isEmpty {
            steps.append(.send(bytes, direction))
        }
        if mark < bytes.count { steps.append(.pass(mark..<bytes.count)) }
    }
}

extension SessionFault {
    /// Whether it strikes before the session begins.
    var hitsStartup: Bool {
        switch self {
        case .refuseStartup, .hangStartup: true
        default: false
        }
    }

    /// Whether it strikes at a row of a result.
    var hitsRows: Bool {
        if case .partialResult = self { true } else { false }
    }
}
