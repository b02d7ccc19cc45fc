import EventLoop
import HTTP
package import JSON

/// Asks any server that speaks Toxiproxy's API: ours, or Toxiproxy itself.
///
/// Used on a loop. Every mistake of the answer becomes a `ProxyClientError` that names the server,
/// the proxy and the remedy.
package struct ProxyClient: Sendable {
    /// Where Toxiproxy's clients look when nothing else is said.
    package static let defaultURL = "http://127.0.0.1:8474"

    /// How long one call may take.
    private static let timeout = Duration.seconds(10)
    private static let connectTimeout = Duration.seconds(5)

    /// As its user wrote it, without a slash at the end: `http://localhost:8474`.
    package let url: String
    /// The same with a numeric address.
    private let base: String

    /// - Parameter text: `http://HOST:PORT`, `HOST:PORT` or `unix:/PATH`.
    /// - Throws: `ProxyClientError` when it is no such URL, or the name is unknown.
    package init(url text: String) throws(ProxyClientError) {
        url = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard !url.hasPrefix("unix:") else {
            base = url + ":"
            return
        }
        let scheme = "http://"
        let hostPort = url.hasPrefix(scheme) ? String(url.dropFirst(scheme.count)) : url
        guard !hostPort.contains("/"), let parts = try? HostPort(parsing: hostPort),
            !parts.host.isEmpty, parts.port > 0
        else {
            throw ProxyClientError(
                .usage,
                "\"\(text)\" is no URL of a proxy server. Write one such as \(Self.defaultURL)."
            )
        }
        if let address = try? SocketAddress(parsing: hostPort) {
            base = "\(scheme)\(address)"
        } else if let address = Sockets.lookUp(host: parts.host, port: parts.port).first {
            base = "\(scheme)\(address)"
        } else {
            throw ProxyClientError(
                .unreachable,
                "no such host: \(parts.host) — \(text). Check the name, or use a number address."
            )
        }
    }

    // MARK: the calls

    /// The proxies by name, as the server lists them.
    package func proxies() async throws(ProxyClientError) -> JSONValue {
        try await ask("GET", ["proxies"])
    }

    package func proxy(_ name: String) async throws(ProxyClientError) -> JSONValue {
        try await ask("GET", ["proxies", name], proxy: name)
    }

    /// Creates a proxy; the server's description of it.
    package func create(_ proxy: JSONValue) async throws(ProxyClientError) -> JSONValue {
        try await ask("POST", ["proxies"], proxy, proxy: proxy["name"]?.stringValue)
    }

    /// Changes a proxy; the server's description of it.
    package func update(
        _ name: String,
        _ changes: JSONValue
    ) async throws(ProxyClientError) -> JSONValue {
        try await ask("POST", ["proxies", name], changes, proxy: name)
    }

    package func delete(_ name: String) async throws(ProxyClientError) {
        _ = try await ask("DELETE", ["proxies", name], proxy: name)
    }

    /// Enables every proxy and removes every toxic.
    package func reset() async throws(ProxyClientError) {
        _ = try await ask("POST", ["reset"])
    }

    package func toxic(
        _ toxic: String,
        of name: String
    ) async throws(ProxyClientError) -> JSONValue {
        try await ask("GET", ["proxies", name, "toxics", toxic], proxy: name, toxic: toxic)
    }

    package func addToxic(
        _ toxic: JSONValue,
        to name: String
    ) async throws(ProxyClientError) -> JSONValue {
        let label = toxic["name"]?.stringValue ?? toxic["type"]?.stringValue
        return try await ask("POST", ["proxies", name, "toxics"], toxic, proxy: name, toxic: label)
    }

    package func updateToxic(
        _ toxic: String,
        _ changes: JSONValue,
        of name: String
    ) async throws(ProxyClientError) -> JSONValue {
        try await ask(
            "POST",
            ["proxies", name, "toxics", toxic],
            changes,
            proxy: name,
            toxic: toxic
        )
    }

    package func removeToxic(_ toxic: String, of name: String) async throws(ProxyClientError) {
        _ = try await ask("DELETE", ["proxies", name, "toxics", toxic], proxy: name, toxic: toxic)
    }

    /// The open connections of a proxy; `nil` from a server that cannot tell, such as Toxiproxy.
    package func connections(of name: String) async throws(ProxyClientError) -> [JSONValue]? {
        let response = try await send("GET", ["proxies", name, "connections"], nil)
        guard response.status == 200 else { return nil }
        return (try? JSONValue.parse(response.body))?.arrayValue
    }

    /// What a toxic hit; `nil` from a server that cannot tell, such as Toxiproxy.
    package func firings(
        of toxic: String,
        on name: String
    ) async throws(ProxyClientError) -> [JSONValue]? {
        let path = ["proxies", name, "toxics", toxic, "firings"]
        let response = try await send("GET", path, nil)
        guard response.status == 200 else { return nil }
        return (try? JSONValue.parse(response.body))?["firings"]?.arrayValue
    }

    /// Prometheus' text; nothing from a server without metrics.
    func metrics() async throws(ProxyClientError) -> [UInt8] {
        let response = try await send("GET", ["metrics"], nil)
        return response.status == 200 ? response.body : []
    }

    // MARK: sending

    private func ask(
        _ method: String,
        _ path: [String],
        _ body: JSONValue? = nil,
        proxy: String? = nil,
        toxic: String? = nil
    ) async throws(ProxyClientError) -> JSONValue {
        let response = try await send(method, path, body)
        guard !(200..<300).contains(response.status) else {
            if response.body.isEmpty { return .null }
            if let value = try? JSONValue.parse(response.body) { return value }
            throw notToxiproxy("its answer to \(method) /\(path[0]) is not JSON")
        }
        guard let reason = (try? JSONValue.parse(response.body))?["error"]?.stringValue else {
            let hint = response.status == 503 ? ", it gave up" : ""
            throw notToxiproxy("it answers \(method) /\(path[0]) with \(response.status)\(hint)")
        }
        let subject = ProxyClientError.Subject(server: url, proxy: proxy, toxic: toxic)
        throw await explained(response.status, reason, subject)
    }

    private func send(
        _ method: String,
        _ path: [String],
        _ body: JSONValue?
    ) async throws(ProxyClientError) -> HTTPResponse {
        // One command makes one or two calls: nothing is kept between them.
        let client = HTTPClient(
            maxConnectionsPerHost: 1,
            connectTimeout: ProxyClient.connectTimeout
        )
        defer { client.close() }
        do throws(HTTPError) {
            return try await client.request(
                method,
                url: base + path.map { "/" + ProxyClient.encoded($0) }.joined(),
                headers: ["Content-Type": "application/json", "User-Agent": "chaos"],
                body: body.map { Array($0.serialized().utf8) } ?? [],
                timeout: ProxyClient.timeout
            )
        } catch {
            switch error.code {
            case .refused:
                throw ProxyClientError(
                    .unreachable,
                    "no proxy server answers — \(url): connection refused. Start one with "
                        + "'chaos proxy serve', or name another with --api URL."
                )
            case .protocol, .closed: throw notToxiproxy("it does not speak HTTP")
            case .reset: throw notToxiproxy("it breaks the connection")
            default:
                throw ProxyClientError(
                    .unreachable,
                    "the proxy server does not answer — \(url): \(error.code). See whether it "
                        + "runs, or name another with --api URL."
                )
            }
        }
    }

    private func notToxiproxy(_ reason: String) -> ProxyClientError {
        ProxyClientError(
            .unreachable,
            "this is no proxy server — \(url): \(reason). Check --api URL and TOXIPROXY_URL."
        )
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
