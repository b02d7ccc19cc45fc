import ChaosModel
import ChaosPluginAPI
import HTTP
import JSON

/// What a processor of the shop answers about its behaviours.
struct ProcessorAPI: Sendable {
    /// Without a slash at the end: `http://127.0.0.1:20305`.
    let url: String

    /// How long one call may take; an undo must fit into its deadline of 1.2 s.
    private static let timeout = Duration.milliseconds(1_000)

    /// What the processor answered; `gone` is that nothing listens at its address any more.
    enum Answer: Sendable {
        case ok(JSONValue)
        case missing
        case gone
    }

    /// The targeted service's address.
    ///
    /// - Throws: `ShopFaultError` when there is no such service, or it has no address.
    static func find(_ context: StepContext) throws -> ProcessorAPI {
        guard case .service(let name)? = context.target else {
            throw ShopFaultError(
                "there is no processor to hit — target. Write {\"service\": \"processor\"}."
            )
        }
        guard let service = context.system?.services.first(where: { $0.name == name }),
            let url = service.url
        else {
            throw ShopFaultError(
                "no address is known of \(name) — target. Start the shop first (chaos shop up)."
            )
        }
        guard service.role ?? name == "processor" else {
            throw ShopFaultError(
                "\(name) does not misbehave when it is told to — target. Only the shop's"
                    + " processor does: {\"service\": \"processor\"}."
            )
        }
        return ProcessorAPI(url: url)
    }

    /// The names of the behaviours that are in force; none when the processor has ended.
    ///
    /// - Throws: `ShopFaultError` when it cannot be asked, or is another program.
    func behaviours() async throws -> [String] {
        switch try await call("GET", nil) {
        case .ok(let value):
            return (value["behaviours"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        case .missing:
            throw ShopFaultError(
                "there is no processor that can be told to misbehave — \(url). Hit the bundled"
                    + " shop's own (chaos shop up)."
            )
        case .gone: return []
        }
    }

    /// Calls the processor about one behaviour, or about all.
    ///
    /// - Throws: `ShopFaultError` when it does not answer, or refuses.
    func call(_ method: String, _ name: String?, _ body: JSONValue? = nil) async throws -> Answer {
        // One call a second at most: a client of its own keeps nothing open between them.
        let client = HTTPClient(maxConnectionsPerHost: 1, connectTimeout: Self.timeout)
        defer { client.close() }
        let path = "/behaviours" + (name.map { "/" + $0 } ?? "")
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await client.request(
                method,
                url: url + path,
                headers: ["Content-Type": "application/json"],
                body: body.map { Array($0.serialized().utf8) } ?? [],
                timeout: Self.timeout
            )
        } catch {
            if error.code == .refused { return .gone }
            throw ShopFaultError(
                "the processor does not answer — \(url): \(error). See whether it runs:"
                    + " chaos shop status."
            )
        }
        let value = (try? JSONValue.parse(response.body)) ?? .null
        switch response.status {
        case 200..<300: return .ok(value)
        case 404: return .missing
        default:
            let reason = value["detail"]?.stringValue ?? "status \(response.status)"
            let problems = (value["problems"]?.arrayValue ?? []).compactMap(\.stringValue)
            let all = ([reason] + problems.filter { $0 != reason }).joined(separator: " ")
            throw ShopFaultError(
                "the processor refuses \(method) \(path) — \(url): \(all) Check the arguments."
            )
        }
    }
}
