import HTTP
import JSON

/// One HTTP/1.1 connection: each request and its response are decided about while a toxic is armed.
///
/// ```
/// requests ─▶ HTTPRequestParser ──▶ rules ─▶ steps
///                   exchanges: whose response is whose
/// responses ─▶ HTTPResponseParser ─▶ rules ─▶ steps
/// ```
///
/// Without a rule it sees nothing, so that the bytes may take the kernel's short cut. With one it
/// is engaged from the next request that begins when it is the client's turn. Bodies are never
/// kept, but for a request that is sent twice. What cannot be read (an upgrade, nonsense) passes
/// unseen.
struct HTTPInterceptor: Interceptor {
    /// Requests without a response that are followed; beyond, the connection passes unseen.
    static let exchangesMax = 1_000
    /// A longer request is not sent twice, bytes with its head.
    static let repeatedMax = 64 << 10

    var rules: [SessionRule] = []
    private(set) var isEngaged = false
    private(set) var isOpaque = false
    var isOver = false
    /// Whose turn it was last, as far as bytes were seen.
    private var lastSpoke: Direction?
    var requests = HTTPRequestParser(limits: HTTPInterceptor.limits)
    var responses = HTTPResponseParser(limits: HTTPInterceptor.limits)
    /// Bytes that the parsers have not consumed; not passed on.
    private var unread: (upstream: [UInt8], downstream: [UInt8]) = ([], [])
    /// In the order of the requests.
    var exchanges: [Exchange] = []
    /// What becomes of the request, and of the response, under way.
    var requestFate = Fate.pass
    var responseFate = Fate.pass
    /// The request under way as it will be sent again.
    var repeated: [UInt8] = []
    /// Whether the response under way is not an interim one (1xx).
    var isFinal = true

    /// What becomes of the bytes of a message.
    enum Fate: Sendable, Equatable {
        case pass, drop
        /// They pass and are sent again at the end.
        case repeatLater
        /// They are lost, and at the end the client gets an answer of ours.
        case answer([UInt8])
    }

    /// A request and what is to happen at its response.
    struct Exchange: Sendable {
        let method: String
        let target: String
        /// The response is not for the client.
        var isHidden = false
        /// The response is ours.
        var answer: [UInt8]?
    }

    private static var limits: HTTPLimits {
        var limits = HTTPLimits()
        // The proxy judges nobody's sizes: bodies pass as they come.
        limits.bodyBytesMax = 1 << 60
        limits.headBytesMax = 64 << 10
        return limits
    }

    var needsBytes: Bool { !isOpaque && (isEngaged || !rules.isEmpty) }

    var summary: ConnectionSummary.SessionSummary? { nil }

    var commits: Int { 0 }
    var goodbye: [UInt8] { [] }

    mutating func arm(_ rules: [SessionRule]) {
        // Bytes went by unseen.
        if self.rules.isEmpty, !isEngaged { lastSpoke = nil }
        self.rules = rules
        disengageIfQuiet()
    }

    mutating func receive(
        _ bytes: Span<UInt8>,
        going direction: Direction,
        at offset: inout Int,
        into steps: inout [InterceptStep]
    ) {
        guard !isOver else {
            offset = bytes.count
            return
        }
        if direction == .upstream, !isEngaged, !isOpaque, !rules.isEmpty, lastSpoke != .upstream,
            HTTPInterceptor.beginsRequest(bytes.extracting(offset...))
        {
            isEngaged = true
            exchanges = []
            requests = HTTPRequestParser(limits: HTTPInterceptor.limits)
            responses = HTTPResponseParser(limits: HTTPInterceptor.limits)
        }
        lastSpoke = direction
        guard isEngaged, !isOpaque else {
            steps.append(.pass(offset..<bytes.count))
            offset = bytes.count
            return
        }
        let kept = direction == .upstream ? unread.upstream : unread.downstream
        var used = 0
        let buffer = kept + [UInt8](bytes.extracting(offset...))
        let holds = read(buffer, direction, &used, into: &steps)
        if isOver {
            offset = bytes.count
            return
        }
        guard holds else {
            keep(Array(buffer[used...]), direction)
            offset = bytes.count
            disengageIfQuiet()
            return
        }
        // What is behind a hold comes again when that ends.
        keep([], direction)
        offset += used - kept.count
    }

    mutating func ended(_ direction: Direction, into steps: inout [InterceptStep]) {
        let kept = direction == .upstream ? unread.upstream : unread.downstream
        keep([], direction)
        if !kept.isEmpty, !isOver { steps.append(.send(kept, direction)) }
    }

    private mutating func keep(_ bytes: [UInt8], _ direction: Direction) {
        if direction == .upstream { unread.upstream = bytes } else { unread.downstream = bytes }
    }

    private mutating func disengageIfQuiet() {
        guard isEngaged, rules.isEmpty, exchanges.isEmpty, requests.isBetweenMessages,
            responses.isBetweenMessages, unread.upstream.isEmpty, unread.downstream.isEmpty
        else { return }
        isEngaged = false
    }

    /// Whether the bytes look like the first of a request: `METHOD /`.
    private static func beginsRequest(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        while index < min(bytes.count, 20), (0x41...0x5A).contains(bytes[index]) { index += 1 }
        guard index > 0, index < bytes.count, bytes[index] == 0x20 else { return false }
        guard index + 1 < bytes.count else { return true }
        return [UInt8(ascii: "/"), UInt8(ascii: "h"), UInt8(ascii: "*")].contains(bytes[index + 1])
    }

    // MARK: reading

    /// Reads messages until there are no more bytes or a step holds; returns whether one does.
    private mutating func read(
        _ buffer: [UInt8],
        _ direction: Direction,
        _ used: inout Int,
        into steps: inout [InterceptStep]
    ) -> Bool {
        while !isOver {
            let (start, count) = (used, steps.count)
            do throws(HTTPParseError) {
                let goesOn =
                    direction == .upstream
                    ? try readRequest(buffer, &used, into: &steps)
                    : try readResponse(buffer, &used, into: &steps)
                let holds = steps[count...].contains { step in
                    if case .hold = step { true } else { false }
                }
                if holds { return true }
                if isOpaque {
                    if used < buffer.count {
                        steps.append(.send(Array(buffer[used...]), direction))
                    }
                    used = buffer.count
                    return false
                }
                if !goesOn { return false }
            } catch {
                used = start
                stepAside(Array(buffer[used...]), direction, into: &steps)
                used = buffer.count
                return false
            }
        }
        return false
    }

    /// Whatever comes from here on passes.
    mutating func stepAside(
        _ rest: [UInt8],
        _ direction: Direction,
        into steps: inout [InterceptStep]
    ) {
        isOpaque = true
        if !rest.isEmpty { steps.append(.send(rest, direction)) }
        let other: Direction = direction == .upstream ? .downstream : .upstream
        ended(other, into: &steps)
        keep([], direction)
    }

    /// Does with bytes of a message what its fate says.
    func handle(
        _ bytes: ArraySlice<UInt8>,
        _ fate: Fate,
        _ direction: Direction,
        into steps: inout [InterceptStep]
    ) {
        guard !bytes.isEmpty, fate == .pass || fate == .repeatLater else { return }
        steps.append(.send(Array(bytes), direction))
    }
}
