import HTTP

extension HTTPInterceptor {
    /// Takes one step through the responses; returns whether there may be more in the buffer.
    mutating func readResponse(
        _ buffer: [UInt8],
        _ used: inout Int,
        into steps: inout [InterceptStep]
    ) throws(HTTPParseError) -> Bool {
        if responses.isBetweenMessages { responses.answersHead = exchanges.first?.method == "HEAD" }
        let step = try responses.next(buffer.span.extracting(used...))
        let raw = buffer[used..<(used + step.consumed)]
        used += step.consumed
        switch step.parsed {
        case .head(let head):
            decide(head, Array(raw), into: &steps)
            return true
        case .needMore, .body:
            handle(raw, responseFate, .downstream, into: &steps)
            if case .body = step.parsed { return true }
            return false
        case .end:
            handle(raw, responseFate, .downstream, into: &steps)
            if isFinal, !exchanges.isEmpty {
                exchanges.removeFirst()
                answerIfDue(into: &steps)
            }
            return true
        }
    }

    private mutating func decide(
        _ head: HTTPResponseHead,
        _ raw: [UInt8],
        into steps: inout [InterceptStep]
    ) {
        isFinal = head.status >= 200
        responseFate = .pass
        guard let exchange = exchanges.first, head.status != 101 else {
            // An upgrade, or a response that nobody asked for: no longer ours to read.
            return stepAside(raw, .downstream, into: &steps)
        }
        guard !exchange.isHidden else {
            responseFate = .drop
            return
        }
        for rule in rules
        where isFinal && rule.fault.hitsResponse(going: rule.direction)
            && rule.request.accepts(method: exchange.method, target: exchange.target)
            && rule.request.accepts(status: head.status)
        {
            guard let occurrence = rule.occur() else { continue }
            steps.append(.fired(firing(rule, exchange, occurrence, status: head.status)))
            guard case .delayMessage(let time) = rule.fault else {
                steps.append(.end(.breakClient))
                isOver = true
                return
            }
            steps.append(.hold(SessionHold(toxic: rule.toxic, nanoseconds: time)))
        }
        steps.append(.send(raw, .downstream))
    }
}

extension SessionFault {
    /// Whether a fault of this direction strikes at responses.
    func hitsResponse(going direction: Direction) -> Bool {
        switch self {
        case .loseResponse: true
        case .delayMessage: direction == .downstream
        default: false
        }
    }
}
