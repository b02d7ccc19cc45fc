import EventLoop
import HTTP
import JSON

extension ControlAPI {
    // MARK: proxies

    func list() async -> HTTPResponse {
        ControlAnswer.json(.object(await control.list().map { ($0.name, $0.answer()) }))
    }

    func create(_ request: HTTPRequest) async throws(ControlError) -> HTTPResponse {
        let fields = try RequestFields(body: request.body, as: .proxy)
        let proxy = try await control.create(try ProxyRequest(fields))
        return ControlAnswer.json(proxy.answer(), status: 201)
    }

    func update(_ request: HTTPRequest, _ name: String) async throws(ControlError) -> HTTPResponse {
        _ = try await control.proxy(name)
        let fields = try RequestFields(body: request.body, as: .proxy)
        let proxy = try await control.update(name, try ProxyRequest(fields))
        return ControlAnswer.json(proxy.answer())
    }

    /// Answers mistakes as JSON without a line feed, as Toxiproxy does here and nowhere else.
    func populate(_ request: HTTPRequest) async -> HTTPResponse {
        var done: [ManagedProxy] = []
        var mistake: ControlError?
        do throws(ControlError) {
            let requests = try ProxyRequest.list(try GoValue(firstIn: request.body))
            (done, mistake) = await control.populate(requests)
        } catch {
            mistake = error
        }
        var members: [(name: String, text: AnswerText)] = []
        if let mistake {
            members.append(("error", .value(.string(mistake.message))))
            members.append(("status", .value(.integer(Int64(mistake.status)))))
        }
        let proxies: AnswerText = done.isEmpty ? .value(.null) : .array(done.map { $0.answer() })
        members.append(("proxies", proxies))
        return ControlAnswer.json(.object(members), status: mistake?.status ?? 201)
    }

    func reset() async throws(ControlError) -> HTTPResponse {
        try await control.reset()
        return ControlAnswer.empty
    }

    /// Toxiproxy's counters and ours; always there, Toxiproxy asks for a flag.
    func metrics() async -> HTTPResponse {
        var response = HTTPResponse.text(ProxyMetrics.render(await control.traffic()))
        response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
        return response
    }

    func connections(of name: String) async throws(ControlError) -> HTTPResponse {
        let connections = try await control.connections(of: name)
        return ControlAnswer.json(.value(.array(connections.map(\.json))))
    }

    // MARK: toxics

    func toxics(of name: String) async throws(ControlError) -> HTTPResponse {
        ControlAnswer.json(try await control.proxy(name).toxicsAnswer())
    }

    func addToxic(
        _ request: HTTPRequest,
        to name: String
    ) async throws(ControlError) -> HTTPResponse {
        _ = try await control.proxy(name)
        let fields = try RequestFields(body: request.body, as: .toxic)
        let toxic = try await control.addToxic(try ToxicRequest(fields), to: name)
        return ControlAnswer.json(toxic.answer())
    }

    func updateToxic(
        _ request: HTTPRequest,
        _ toxic: String,
        of name: String
    ) async throws(ControlError) -> HTTPResponse {
        let type = try await control.toxic(toxic, of: name).toxic.type
        let fields = try RequestFields(body: request.body, as: .toxicUpdate(of: type))
        let wanted = try ToxicRequest(update: fields, of: type)
        return ControlAnswer.json(try await control.updateToxic(toxic, wanted, of: name).answer())
    }

    func firings(
        _ request: HTTPRequest,
        _ toxic: String,
        of name: String
    ) async throws(ControlError) -> HTTPResponse {
        let tally = try await control.toxic(toxic, of: name).toxic.tally
        let since = request.query("since") ?? "0"
        guard let ordinal = Int(since) else {
            throw ControlError(status: 400, message: "since must be a number, got \"\(since)\"")
        }
        let firings = tally.firings(since: ordinal)
        let answer: JSONValue = [
            "hits": .integer(Int64(tally.hits)),
            "firings": .array(firings.map(\.json)),
        ]
        return ControlAnswer.json(.value(answer))
    }
}
