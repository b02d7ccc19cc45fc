import ChaosGameDay
import EventLoop
import HTTP
import JSON
import LinuxSystem

/// Serves the dashboard on this machine: the page, its events, and what people send.
///
/// | request | answer |
/// |---|---|
/// | `GET /` | the page |
/// | `GET /events` | server-sent events: the whole state, and again with every change |
/// | `POST /command` | `{"word","text","name"}` → `{"ok"}` or `{"ok","refusal"}` |
/// | `GET /report/ROUND/ATTEMPT` | the report of a run; round 0 are the checks |
/// | `GET /journal/ROUND/ATTEMPT` | its journal; 0/0 is the GameDay's own |
/// | `GET /closing` | the closing document |
///
/// Every request carries the token; `Host` must be this address, so that no other name leads here,
/// and `Origin`, where a browser sends one, must be ours.
struct GameDayServer: Sendable {
    /// How long nothing may change before the page hears that we are alive.
    private static let beat = Duration.seconds(1)
    /// Two states of the page are at least this far apart.
    private static let pause = Duration.milliseconds(150)
    private static let tokenBytes = 24

    let server: HTTPServer
    let token: String

    /// What people open.
    var address: String { "http://\(server.address)/?token=\(token)" }

    /// Begins to serve; a GameDay that goes on keeps its address, so that open pages find it again.
    ///
    /// Throws `SystemError` when the port is taken or the address cannot be written down.
    static func start(
        _ conductor: GameDayConductor,
        _ directory: GameDayDirectory,
        port: UInt16
    ) async throws -> GameDayServer {
        let known = (try? SystemFiles.read(directory.dashboard)).flatMap {
            try? JSONValue.parse($0)
        }
        let token = known?["token"]?.stringValue ?? randomHexadecimal(tokenBytes)
        let former = known?["port"]?.integerValue.flatMap { UInt16(exactly: $0) }
        let site = GameDaySite(conductor: conductor, directory: directory.path, token: token)
        var limits = HTTPLimits()
        limits.bodyBytesMax = 16 * 1024
        limits.connectionsMax = 2 * GameDayConductor.watchersMaximum
        let server: HTTPServer
        do {
            server = try await HTTPServer.start(
                on: .ipv4("127.0.0.1", port == 0 ? former ?? 0 : port),
                limits: limits,
                handler: site.answer
            )
        } catch  where port == 0 && former != nil {
            server = try await HTTPServer.start(
                on: .ipv4("127.0.0.1", 0),
                limits: limits,
                handler: site.answer
            )
        }
        let record: JSONValue = [
            "token": .string(token), "port": .integer(Int64(server.address.port ?? 0)),
            "url": .string("http://\(server.address)/?token=\(token)"),
        ]
        // Only its owner may read the token.
        try SystemFiles.writeAtomically(
            directory.dashboard,
            Array(record.serialized(pretty: true).utf8),
            mode: 0o600
        )
        return GameDayServer(server: server, token: token)
    }

    fileprivate static func randomHexadecimal(_ count: Int) -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<count).map { _ in
            let byte = UInt8.random(in: 0...255, using: &random)
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// Sends the state, and again with every change and every beat, until the page is left.
    fileprivate static func tell(
        _ conductor: GameDayConductor,
        _ writer: HTTPBodyWriter
    ) async throws {
        guard let loop = Loop.current, let (number, changes) = conductor.watch() else {
            return try await writer.write(": too many pages are open, close one\n\n")
        }
        // Owned by this call, which cancels it.
        let heart = loop.spawn {
            while true {
                try await loop.sleep(for: beat)
                conductor.wake(number)
            }
        }
        defer {
            heart.cancel()
            conductor.leave(number)
        }
        try await writer.send(data: conductor.dashboard.json.serialized(), event: "state")
        for await _ in changes {
            try await writer.send(data: conductor.dashboard.json.serialized(), event: "state")
            // Changes that come in a crowd are told together.
            try await loop.sleep(for: pause)
        }
    }
}

/// What the server answers.
private struct GameDaySite: Sendable {
    let conductor: GameDayConductor
    let directory: String
    let token: String

    @Sendable func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
        if let refusal = refusal(of: request) { return guarded(refusal) }
        let segments = request.segments
        switch (request.method, segments.first, segments.count) {
        case ("GET", nil, 0): return page()
        case ("GET", "events", 1):
            let conductor = conductor
            return guarded(
                .stream(headers: ["Content-Type": "text/event-stream"]) { writer in
                    try await GameDayServer.tell(conductor, writer)
                }
            )
        case ("POST", "command", 1): return guarded(command(request))
        case ("GET", "report", 3), ("GET", "journal", 3): return guarded(evidence(segments))
        case ("GET", "closing", 1): return guarded(closing())
        case (_, nil, _), (_, "events", 1), (_, "report", _), (_, "journal", _), (_, "closing", 1):
            return guarded(.text("Only GET is known here.\n", status: 405))
        case (_, "command", 1): return guarded(.text("Only POST is known here.\n", status: 405))
        default: return guarded(.text("There is nothing here.\n", status: 404))
        }
    }

    /// Why a request is not answered; `nil`: it may be.
    private func refusal(of request: HTTPRequest) -> HTTPResponse? {
        let host = request.headers["Host"] ?? ""
        // Any port: a tunnel of ssh may have another one at its end.
        guard ["127.0.0.1", "localhost"].contains(host.prefix { $0 != ":" }) else {
            return .text("This page is at 127.0.0.1 only.\n", status: 403)
        }
        if let origin = request.headers["Origin"], origin != "http://\(host)" {
            return .text("Another page may not ask here.\n", status: 403)
        }
        guard let given = request.query("token"), isToken(given) else {
            return .text(
                "The token is missing or wrong. Open the whole address that the terminal shows.\n",
                status: 403
            )
        }
        return nil
    }

    /// Compares in the same time wherever the difference is.
    private func isToken(_ given: String) -> Bool {
        guard given.utf8.count == token.utf8.count else { return false }
        return zip(given.utf8, token.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func guarded(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
    }

    private func page() -> HTTPResponse {
        let nonce = GameDayServer.randomHexadecimal(16)
        var response = HTTPResponse(status: 200, body: DashboardPage.html(nonce: nonce))
        response.headers["Content-Type"] = "text/html; charset=utf-8"
        response.headers["Content-Security-Policy"] = DashboardPage.policy(nonce: nonce)
        return guarded(response)
    }

    private func command(_ request: HTTPRequest) -> HTTPResponse {
        // Another page could send a form without asking first, but not JSON.
        guard request.headers["Content-Type"]?.hasPrefix("application/json") == true else {
            return .text("Send application/json.\n", status: 415)
        }
        guard let body = try? JSONValue.parse(request.body), let word = body["word"]?.stringValue
        else { return .json("{\"ok\":false,\"refusal\":\"a word is missing\"}", status: 400) }
        do {
            let command = try GameDayCommand(word: word, text: body["text"]?.stringValue ?? "")
            try conductor.submit(command, by: body["name"]?.stringValue ?? "")
            return .json("{\"ok\":true}")
        } catch {
            let answer: JSONValue = ["ok": false, "refusal": .string("\(error)")]
            return .json(answer.serialized(), status: 409)
        }
    }

    /// What a run left, by numbers: no path comes from outside.
    private func evidence(_ segments: [String]) -> HTTPResponse {
        guard let round = Int(segments[1]), let attempt = Int(segments[2]),
            let place = places.first(where: { $0.round == round && $0.attempt == attempt })
        else { return .text("There is no such run.\n", status: 404) }
        let isReport = segments[0] == "report"
        return file(place.path + (isReport ? "/report.html" : "/journal.jsonl"), isHTML: isReport)
    }

    private struct Place {
        var round: Int
        var attempt: Int
        /// From the GameDay's directory.
        var path: String
    }

    private var places: [Place] {
        let day = conductor.day
        var places = [Place(round: 0, attempt: 0, path: ".")]
        if let path = day.checkEvidence { places.append(Place(round: 0, attempt: 1, path: path)) }
        for (round, state) in day.rounds.enumerated() {
            for (attempt, tried) in state.attempts.enumerated() {
                guard let path = tried.result?.evidence else { continue }
                places.append(Place(round: round + 1, attempt: attempt + 1, path: path))
            }
        }
        return places
    }

    /// The closing document, whose links to files become links to us.
    private func closing() -> HTTPResponse {
        var response = file("closing.html", isHTML: true)
        guard response.status == 200 else { return response }
        var text = response.text
        for place in places {
            let end = "/\(place.round)/\(place.attempt)?token=\(token)\""
            let path = place.path == "." ? "" : place.path + "/"
            text = text.replacing("href=\"\(path)report.html\"", with: "href=\"/report" + end)
            text = text.replacing("href=\"\(path)journal.jsonl\"", with: "href=\"/journal" + end)
        }
        response.body = Array(text.utf8)
        return response
    }

    private func file(_ name: String, isHTML: Bool) -> HTTPResponse {
        guard let bytes = try? SystemFiles.read("\(directory)/\(name)") else {
            return .text("It is not written yet.\n", status: 404)
        }
        guard isHTML else { return .text(String(decoding: bytes, as: UTF8.self)) }
        return HTTPResponse(
            status: 200,
            headers: [
                "Content-Type": "text/html; charset=utf-8",
                "Content-Security-Policy":
                    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            ],
            body: bytes
        )
    }
}
