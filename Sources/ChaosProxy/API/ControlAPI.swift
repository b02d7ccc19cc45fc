import EventLoop
import HTTP
import JSON

/// Toxiproxy's HTTP API over a `ProxyControl`, with our additions.
///
/// | path | methods |
/// |---|---|
/// | `/version` | GET |
/// | `/proxies` `/proxies/{p}` | GET, POST; GET, POST, PATCH, DELETE |
/// | `/populate` `/reset` | POST |
/// | `/proxies/{p}/toxics` `…/{t}` | GET, POST; GET, POST, PATCH, DELETE |
/// | `/metrics` | any |
/// | `/proxies/{p}/toxics/{t}/firings?since=N`, `/proxies/{p}/connections` (ours) | GET |
/// | `/events?proxy=NAME&kind=…` (ours) | GET |
struct ControlAPI: Sendable {
    /// The version whose behaviour clients get.
    static let version = "2.12.0"

    let control: ProxyControl

    /// Answers one request; never throws, every mistake has its status.
    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        // As Toxiproxy's router: what `%2F` hides is a slash like any other.
        let path = CleanPath.decoded(request.path)
        let cleaned = CleanPath.clean(path)
        if cleaned != path {
            let query = request.target.drop { $0 != "?" }
            return ControlAnswer.moved(to: CleanPath.encoded(cleaned) + query)
        }
        guard let route = Route(path: path) else { return ControlAnswer.unknownPath }
        guard let operation = operation(route, method: request.method) else {
            return HTTPResponse(status: 405)
        }
        var response: HTTPResponse
        if request.headers["User-Agent"]?.hasPrefix("Mozilla/") == true {
            response = ControlAnswer.text("User agent not allowed\n", status: 403)
        } else {
            do throws(ControlError) {
                response = try await operation(request)
            } catch {
                response = ControlAnswer.error(error)
            }
        }
        response.headers["X-Toxiproxy-Request-Id"] = ControlAnswer.requestID()
        return response
    }

    private typealias Operation = (HTTPRequest) async throws(ControlError) -> HTTPResponse

    private enum Route {
        case version, proxies, populate, reset, metrics, events
        case proxy(String), toxics(String), connections(String)
        case toxic(String, String), firings(String, String)

        init?(path: String) {
            guard !path.hasSuffix("/") else { return nil }
            let parts = path.split(separator: "/").map(String.init)
            switch (parts.count, parts.first) {
            case (1, "version"): self = .version
            case (1, "proxies"): self = .proxies
            case (1, "populate"): self = .populate
            case (1, "reset"): self = .reset
            case (1, "metrics"): self = .metrics
            case (1, "events"): self = .events
            case (2, "proxies"): self = .proxy(parts[1])
            case (3, "proxies") where parts[2] == "toxics": self = .toxics(parts[1])
            case (3, "proxies") where parts[2] == "connections": self = .connections(parts[1])
            case (4, "proxies") where parts[2] == "toxics": self = .toxic(parts[1], parts[3])
            case (5, "proxies") where parts[2] == "toxics" && parts[4] == "firings":
                self = .firings(parts[1], parts[3])
            default: return nil
            }
        }
    }

    private func operation(_ route: Route, method: String) -> Operation? {
        switch (route, method) {
        case (.version, "GET"): { _ in ControlAnswer.version }
        case (.proxies, "GET"): { _ in await list() }
        case (.proxies, "POST"): { (request) throws(ControlError) in try await create(request) }
        case (.populate, "POST"): { request in await populate(request) }
        case (.reset, "POST"): { (_) throws(ControlError) in try await reset() }
        // Prometheus' handler takes every method.
        case (.metrics, _): { _ in await metrics() }
        case (.events, "GET"): { (request) throws(ControlError) in try events(request) }
        case (.proxy(let name), _): proxyOperation(name, method)
        case (.toxics(let name), "GET"):
            { (_) throws(ControlError) in try await toxics(of: name) }
        case (.toxics(let name), "POST"):
            { (request) throws(ControlError) in try await addToxic(request, to: name) }
        case (.toxic(let name, let toxic), _): toxicOperation(toxic, of: name, method)
        case (.connections(let name), "GET"):
            { (_) throws(ControlError) in try await connections(of: name) }
        case (.firings(let name, let toxic), "GET"):
            { (request) throws(ControlError) in try await firings(request, toxic, of: name) }
        default: nil
        }
    }

    private func proxyOperation(_ name: String, _ method: String) -> Operation? {
        switch method {
        case "GET":
            { (_) throws(ControlError) in
                ControlAnswer.json(try await control.proxy(name).answer())
            }
        case "POST", "PATCH":
            { (request) throws(ControlError) in try await update(request, name) }
        case "DELETE":
            { (_) throws(ControlError) in
                try await control.delete(name)
                return ControlAnswer.empty
            }
        default: nil
        }
    }

    private func toxicOperation(_ toxic: String, of name: String, _ method: String) -> Operation? {
        switch method {
        case "GET":
            { (_) throws(ControlError) in
                ControlAnswer.json(try await control.toxic(toxic, of: name).answer())
            }
        case "POST", "PATCH":
            { (request) throws(ControlError) in try await updateToxic(request, toxic, of: name) }
        case "DELETE":
            { (_) throws(ControlError) in
                try await control.removeToxic(toxic, of: name)
                return ControlAnswer.empty
            }
        default: nil
        }
    }
}
