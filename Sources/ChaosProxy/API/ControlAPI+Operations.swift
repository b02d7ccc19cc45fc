import EventLoop
import HTTP
import JSON

extension ControlAPI {
    // MARK: proxies

    func list() async -> HTTPResponse {
        var object = JSONObject()
        for proxy in await control.list() { object[proxy.name] = proxy.json() }
        return ControlAnswer.json(.object(object))
    }

    func create(_ request: HTTPRequest) async throws(ControlError) -> HTTPResponse {
        let fields = try RequestBody(request.body).object("Proxy")
        let proxy = try await control.create(try ProxyRequest(fields))
        return ControlAnswer.json(proxy.json(), status: 201)
    }

    func update(_ request: HTTPRequest, _ name: String) async throws(ControlError) -> HTTPResponse {
        _ = try await control.proxy(name)
        let fields = try RequestBody(request.body).object("Proxy")
        let proxy = try await control.update(name, try ProxyRequest(fields))
        return ControlAnswer.json(proxy.json())
    }

    func populate(_ request: HTTPRequest) async throws(ControlError) -> HTTPResponse {
        let requests = try ProxyRequest.list(try RequestBody(request.body))
        let (done, error) = await control.populate(requests)
        let proxies: JSONValue = done.isEmpty ? .null : .array(done.map { $0.json() })
        guard let error else { return ControlAnswer.json(["proxies": proxies], status: 201) }
        let object: JSONValue = [
            "error": .string(error.message),
            "status": .integer(Int64(error.status)),
            "proxies": proxies,
        ]
        return ControlAnswer.json(object, status: error.status)
    }

    func reset() async throws(ControlError) -> HTTPResponse {
        try await control.reset()
        return ControlAnswer.empty
    }

    func connections(of name: String) async throws(ControlError) -> HTTPResponse {
        let connections = try await control.connections(of: name)
        return ControlAnswer.json(.array(connections.map(\.json)))
    }

    // MARK: toxics

    func toxics(of name: String) async throws(ControlError) -> HTTPResponse {
        let proxy = try await control.proxy(name).json()
        return ControlAnswer.json(proxy["toxics"] ?? [])
    }

    func addToxic(
        _ request: HTTPRequest,
        to name: String
    ) async throws(ControlError) -> HTTPResponse {
        _ = try await control.proxy(name)
        let fields = try RequestBody(request.body).object("Toxic")
        var wanted = try ToxicRequest(fields)
        if let type = ToxicRegistry.type(named: wanted.type ?? "") {
            try wanted.readAttributes(fields, of: type)
        }
        return ControlAnswer.json(try await control.addToxic(wanted, to: name).json())
    }

    func updateToxic(
        _ request: HTTPRequest,
        _ toxic: String,
        of name: String
    ) async throws(ControlError) -> HTTPResponse {
        let type = try await control.toxic(toxic, of: name).toxic.type
        let fields = try RequestBody(request.body).object("Toxic")
        var wanted = try ToxicRequest(fields)
        try wanted.readAttributes(fields, of: type)
        return ControlAnswer.json(try await control.updateToxic(toxic, wanted, of: name).json())
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
        return ControlAnswer.json([
            "hits": .integer(Int64(tally.hits)),
            "firings": .array(firings.map(\.json)),
        ])
    }
}
