import HTTP
import JSON

extension HTTPInterceptor {
    /// Takes one step through the requests; returns whether there may be more in the buffer.
    mutating func readRequest(
        _ buffer: [UInt8],
        _ used: inout Int,
        into steps: inout [InterceptStep]
    ) throws(HTTPParseError) -> Bool {
        let step = try requests.next(buffer.span.extracting(used...))
        let raw = buffer[used..<(used + step.consumed)]
        used += step.consumed
        switch step.parsed {
        case .head(let head):
            requestFate = .pass
            decide(head, Array(raw), into: &steps)
            return true
        case .needMore, .body:
            if requestFate == .repeatLater { repeated += raw }
            handle(raw, requestFate, .upstream, into: &steps)
            if case .body = step.parsed { return true }
            return false
        case .end:
            if requestFate == .repeatLater { repeated += raw }
            handle(raw, requestFate, .upstream, into: &steps)
            endRequest(into: &steps)
            return true
        }
    }

    private mutating func decide(
        _ head: HTTPRequestHead,
        _ raw: [UInt8],
        into steps: inout [InterceptStep]
    ) {
        var exchange = Exchange(method: head.method, target: head.target)
        guard exchanges.count < HTTPInterceptor.exchangesMax, head.method != "CONNECT" else {
            return stepAside(raw, .upstream, into: &steps)
        }
        for rule in rules
        where rule.fault.hitsRequest(going: rule.direction)
            && rule.request.accepts(method: head.method, target: head.target)
        {
            if rule.fault == .duplicate, !canRepeat(head, raw.count) { continue }
            guard let occurrence = rule.occur() else { continue }
            steps.append(.fired(firing(rule, exchange, occurrence)))
            switch rule.fault {
            case .abortRequest:
                steps.append(.end(.breakClient))
                isOver = true
                return
            case .delayMessage(let time):
                steps.append(.hold(SessionHold(toxic: rule.toxic, nanoseconds: time)))
            case .answerStatus(let status, let body):
                let closes = head.expectsContinue || !head.keepsAlive
                exchange.answer = HTTPInterceptor.answer(
                    status,
                    body,
                    closes: closes,
                    hasBody: head.method != "HEAD"
                )
                requestFate = .answer(exchange.answer ?? [])
                exchanges.append(exchange)
                // Who waits for "100 Continue" gets the answer instead.
                if head.expectsContinue { endRequest(into: &steps) }
                return
            case .duplicate:
                requestFate = .repeatLater
                repeated = raw
            default: break
            }
        }
        exchanges.append(exchange)
        steps.append(.send(raw, .upstream))
    }

    private func canRepeat(_ head: HTTPRequestHead, _ size: Int) -> Bool {
        guard head.keepsAlive, !head.expectsContinue else { return false }
        switch head.framing {
        case .none: return true
        case .length(let length): return size + length <= HTTPInterceptor.repeatedMax
        case .chunked, .untilClose: return false
        }
    }

    private mutating func endRequest(into steps: inout [InterceptStep]) {
        switch requestFate {
        case .answer: answerIfDue(into: &steps)
        case .repeatLater:
            steps.append(.send(repeated, .upstream))
            repeated = []
            if var again = exchanges.last {
                again.isHidden = true
                exchanges.append(again)
            }
        case .pass, .drop: break
        }
        requestFate = .pass
    }

    /// Sends our own answers whose turn it is.
    mutating func answerIfDue(into steps: inout [InterceptStep]) {
        while let answer = exchanges.first?.answer {
            exchanges.removeFirst()
            steps.append(.send(answer, .downstream))
            if HTTPInterceptor.closes(answer) {
                steps.append(.end(.close))
                isOver = true
                return
            }
        }
    }

    private static let closing = Array("Connection: close\r\n".utf8)

    /// A whole response.
    private static func answer(
        _ status: Int,
        _ body: String,
        closes: Bool,
        hasBody: Bool
    ) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(HTTPStatus.reason(status))\r\n"
        text += "Content-Type: text/plain; charset=utf-8\r\nContent-Length: \(body.utf8.count)\r\n"
        if closes { text += "Connection: close\r\n" }
        text += "\r\n"
        return Array((hasBody ? text + body : text).utf8)
    }

    private static func closes(_ answer: [UInt8]) -> Bool {
        answer.split(separator: 0x0A).contains { $0 + [0x0A] == closing[...] }
    }

    /// What is recorded of a hit; the query of a target may be anybody's data and is left out.
    func firing(
        _ rule: SessionRule,
        _ exchange: Exchange,
        _ occurrence: Int,
        status: Int? = nil
    ) -> SessionFiring {
        let path = exchange.target.prefix { $0 != "?" }.prefix(200)
        var detail: JSONObject = [
            "method": .string(exchange.method),
            "path": .string(String(path)),
            "occurrence": .integer(Int64(occurrence)),
        ]
        detail["status"] = status.map { .integer(Int64($0)) }
        return SessionFiring(toxic: rule.toxic, tally: rule.tally, detail: detail)
    }
}

extension SessionFault {
    /// Whether a fault of this direction strikes at requests; the others strike at responses.
    func hitsRequest(going direction: Direction) -> Bool {
        switch self {
        case .abortRequest, .answerStatus, .duplicate: true
        case .delayMessage: direction == .upstream
        default: false
        }
    }
}
