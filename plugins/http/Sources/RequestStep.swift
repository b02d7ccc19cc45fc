import ChaosPluginAPI
import EventLoop
import HTTP
import JSON

/// The Chaos Toolkit's `http` provider, as a probe or as an action.
struct RequestStep: Probe, Action {
    /// How many redirects are followed.
    static let redirectsMax = 10

    func read(_ context: StepContext) async throws -> JSONValue { try await perform(context) }

    func perform(_ context: StepContext) async throws -> JSONValue {
        let form = try RequestForm(provider: context.settings)
        return try await Answer.of(form)
    }
}

/// `get`: a GET whose settings are ordinary arguments.
struct GetProbe: Probe {
    func read(_ context: StepContext) async throws -> JSONValue {
        var provider = context.arguments
        if let milliseconds = provider["timeout"]?.doubleValue {
            provider["timeout"] = .number(milliseconds / 1000)
        }
        return try await Answer.of(try RequestForm(provider: provider))
    }
}

extension StepContext {
    /// What the provider says beside its type; arguments that were checked against the schema win.
    var settings: JSONObject {
        if provider["url"] == nil, arguments["url"] != nil { return arguments }
        var settings = provider
        for name in ["url", "method", "headers", "timeout", "max_retries"] {
            if settings[name] == nil, let value = arguments[name] { settings[name] = value }
        }
        return settings
    }
}

/// Sends a request, follows redirects, and describes the answer.
enum Answer {
    /// `{"status", "headers", "body", "milliseconds"}`.
    static func of(_ form: RequestForm) async throws -> JSONValue {
        let client = HTTPClient(maxConnectionsPerHost: 1)
        defer { client.close() }
        let start = Loop.monotonicNanoseconds()
        var form = form
        var redirects = 0
        while true {
            let response = try await send(form, client)
            guard let location = redirect(response, form), redirects < RequestStep.redirectsMax
            else {
                let took = Double(Loop.monotonicNanoseconds() - start) / 1e6
                return describe(response, milliseconds: took)
            }
            redirects += 1
            form.url = try RequestForm.checked(absolute(location, from: form.url))
        }
    }

    private static func send(
        _ form: RequestForm,
        _ client: HTTPClient
    ) async throws -> HTTPResponse {
        var attempt = 0
        while true {
            do {
                return try await client.request(
                    form.method,
                    url: form.url,
                    headers: form.headers,
                    body: form.body,
                    timeout: form.timeout
                )
            } catch {
                // Only what was certainly not processed may be sent again.
                guard error.isDefinite, attempt < form.retriesMax else { throw error }
                attempt += 1
            }
        }
    }

    private static func redirect(_ response: HTTPResponse, _ form: RequestForm) -> String? {
        guard [301, 302, 303, 307, 308].contains(response.status),
            form.method == "GET" || form.method == "HEAD"
        else { return nil }
        return response.headers["Location"]
    }

    private static func absolute(_ location: String, from url: String) -> String {
        guard !location.contains("://") else { return location }
        let rest = url.dropFirst("http://".count)
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        if location.hasPrefix("/") { return "http://\(host)\(location)" }
        let path = rest.dropFirst(host.count).prefix { $0 != "?" }
        let directory = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return "http://\(host)\(directory)\(location)"
    }

    private static func describe(_ response: HTTPResponse, milliseconds: Double) -> JSONValue {
        var headers = JSONObject()
        for field in response.headers.fields {
            let former = headers[field.name]?.stringValue.map { $0 + ", " } ?? ""
            headers[field.name] = .string(former + field.value)
        }
        return [
            "status": .integer(Int64(response.status)),
            "headers": .object(headers),
            "body": body(response),
            "milliseconds": .number(milliseconds),
        ]
    }

    /// JSON when the answer says so (parameters such as charset do not matter) and is; else text.
    private static func body(_ response: HTTPResponse) -> JSONValue {
        let text = JSONValue.string(String(decoding: response.body, as: UTF8.self))
        let type = response.headers["Content-Type"]?.prefix { $0 != ";" && $0 != " " }
        guard type?.lowercased() == "application/json" else { return text }
        return (try? JSONValue.parse(response.body)) ?? text
    }
}
