import EventLoop
import HTTP

extension ControlAPI {
    /// How long nothing may happen before a listener is asked whether it is still there.
    private static let silenceMax = Duration.seconds(15)

    /// `GET /events?proxy=NAME&kind=connection_opened,toxic_fired`: server-sent events until the
    /// client leaves, reads too slowly or the proxy stops.
    func events(_ request: HTTPRequest) throws(ControlError) -> HTTPResponse {
        var filter = EventFilter()
        filter.proxy = request.query("proxy")
        if let text = request.query("kind") {
            var kinds: Set<ProxyEvent.Kind> = []
            for word in text.split(separator: ",") {
                guard let kind = ProxyEvent.Kind(rawValue: String(word)) else {
                    let names = ProxyEvent.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ControlError(
                        status: 400,
                        message: "kind \"\(word)\" is not known. Use \(names)"
                    )
                }
                kinds.insert(kind)
            }
            filter.kinds = kinds
        }
        let headers: HTTPHeaders = [
            "Content-Type": "text/event-stream", "Cache-Control": "no-cache",
        ]
        let wanted = filter
        return .stream(headers: headers) { writer in
            try await ControlAPI.tell(control.data.events, wanted, writer)
        }
    }

    private static func tell(
        _ hub: EventHub,
        _ filter: EventFilter,
        _ writer: HTTPBodyWriter
    ) async throws {
        guard let (number, messages) = hub.listen(filter) else {
            return try await writer.write(": too many listeners, try again later\n\n")
        }
        // Owned by this call, which cancels it.
        let reminder = Loop.current?.spawn {
            while let loop = Loop.current {
                try await loop.sleep(for: silenceMax)
                hub.remind(number)
            }
        }
        defer {
            reminder?.cancel()
            hub.leave(number)
        }
        // What happens from here on is told.
        try await writer.write(": listening\n\n")
        for await message in messages {
            switch message {
            case .silence: try await writer.write(": nothing happened\n\n")
            case .event(let event):
                try await writer.send(
                    data: event.text,
                    event: event.kind.rawValue,
                    id: "\(event.id)"
                )
            }
        }
        try await writer.write(": the end: the proxy stopped, or you read too slowly\n\n")
    }
}
