import EventLoop
import HTTP
import JSON

/// The control API of one proxy server.
struct ProxyAPI: Sendable {
    /// Without a slash at the end: `http://127.0.0.1:8474`.
    let url: String

    /// How long one call may take; an undo must fit into its deadline of 1.2 s.
    private static let timeout = Duration.milliseconds(1_000)

    init(url: String) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    /// What the proxy answered; `gone` is that nothing listens at its address any more.
    enum Answer: Sendable {
        case ok(JSONValue)
        case missing
        case gone
    }

    /// Calls the API.
    ///
    /// `path` has the parts of the path, not encoded: `["proxies", "payments->payments-db"]`;
    /// `body` is the JSON of the request. Throws `ToxicError` when the proxy cannot be asked, or
    /// refuses.
    func call(
        _ method: String,
        _ path: [String],
        query: String = "",
        _ body: JSONValue? = nil
    ) async throws -> Answer {
        // One call a second at most: a client of its own keeps nothing open between them.
        let client = HTTPClient(maxConnectionsPerHost: 1, connectTimeout: ProxyAPI.timeout)
        defer { client.close() }
        let target = url + path.map { "/" + ProxyAPI.encoded($0) }.joined() + query
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await client.request(
                method,
                url: target,
                headers: ["Content-Type": "application/json"],
                body: body.map { Array($0.serialized().utf8) } ?? [],
                timeout: ProxyAPI.timeout
            )
        } catch {
            if error.code == .refused { return .gone }
            throw ToxicError(
                "the proxy does not answer — \(url): \(error). See whether it runs: chaos status."
            )
        }
        return try answer(response, "\(method) /\(path.joined(separator: "/"))")
    }

    private func answer(_ response: HTTPResponse, _ request: String) throws -> Answer {
        let value = response.body.isEmpty ? .null : try? JSONValue.parse(response.body)
        switch (response.status, value) {
        case (200..<300, let value?): return .ok(value)
        case (404, _): return .missing
        default:
            let reason = value?["error"]?.stringValue ?? "status \(response.status)"
            throw ToxicError(
                "the proxy refuses \(request) — \(url): \(reason). Check target and arguments."
            )
        }
    }

    private static func encoded(_ part: String) -> String {
        var text = ""
        for byte in part.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return text
    }
}
