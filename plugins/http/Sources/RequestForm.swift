import ChaosModel
import HTTP
import JSON

/// A request as the provider describes it, ready to be sent.
struct RequestForm: Sendable {
    /// Without a timeout a request may take this long; nothing waits for ever.
    static let timeoutStandard = Duration.seconds(30)

    var method: String
    var url: String
    var headers: HTTPHeaders
    var body: [UInt8]
    var timeout: Duration
    /// How often a request that could not connect is repeated.
    var retriesMax: Int

    /// Errors: no usable url, header values that are no strings, a timeout that is none.
    init(provider: JSONObject) throws {
        guard let url = provider["url"]?.stringValue else {
            throw HTTPStepError("there is no url — provider.url. Give one as a string.")
        }
        method = (provider["method"]?.stringValue ?? "GET").uppercased()
        headers = try Self.headers(provider["headers"])
        timeout = try Self.timeout(provider["timeout"])
        retriesMax = Int(min(max(provider["max_retries"]?.integerValue ?? 0, 0), 10))
        self.url = try Self.checked(url)
        body = []
        try attach(provider["arguments"] ?? .null)
    }

    private mutating func attach(_ arguments: JSONValue) throws {
        switch (method, arguments) {
        case (_, .null):
            break
        case ("GET", .string(let text)):
            appendQuery(text)
        case ("GET", .object(let object)):
            appendQuery(FormEncoding.encode(object))
        case (_, let arguments) where headers["Content-Type"] == "application/json":
            arguments.write(into: &body)
        case (_, .string(let text)):
            body = Array(text.utf8)
        case (_, .object(let object)):
            body = Array(FormEncoding.encode(object).utf8)
            if headers["Content-Type"] == nil {
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            }
        case (_, let arguments):
            throw HTTPStepError(
                "\(arguments.serialized()) cannot be sent — provider.arguments."
                    + " Give an object or a string, or set Content-Type: application/json."
            )
        }
    }

    private mutating func appendQuery(_ query: String) {
        guard !query.isEmpty else { return }
        url += (url.contains("?") ? "&" : "?") + query
    }

    /// Only what our client speaks.
    static func checked(_ url: String) throws -> String {
        if url.lowercased().hasPrefix("https:") {
            throw HTTPStepError(
                "https is not supported yet — provider.url \(url)."
                    + " Use http, or run a program such as curl through the process plugin."
            )
        }
        guard url.lowercased().hasPrefix("http://") else {
            throw HTTPStepError(
                "\(url) is no address that can be asked — provider.url. Use http://host:port/path."
            )
        }
        return url
    }

    private static func headers(_ value: JSONValue?) throws -> HTTPHeaders {
        var headers = HTTPHeaders()
        for member in value?.objectValue?.members ?? [] {
            guard let text = member.value.stringValue else {
                throw HTTPStepError(
                    "the header \(member.name) is no string — provider.headers. Put it in quotes."
                )
            }
            headers.append(member.name, text)
        }
        return headers
    }

    /// Seconds, `[connect, read]` in seconds (their sum), or a duration.
    private static func timeout(_ value: JSONValue?) throws -> Duration {
        switch value ?? .null {
        case .null: return timeoutStandard
        case .string(let text): return try Duration(parsing: text)
        case .array(let parts):
            return try parts.reduce(.zero) { $0 + (try seconds($1)) }
        case let value: return try seconds(value)
        }
    }

    private static func seconds(_ value: JSONValue) throws -> Duration {
        guard let seconds = value.doubleValue, (0...8.64e7).contains(seconds) else {
            throw HTTPStepError(
                "\(value.serialized()) is no time — provider.timeout."
                    + " Give seconds such as 5 or 0.5, or a duration such as \"5s\"."
            )
        }
        return .seconds(seconds)
    }
}
