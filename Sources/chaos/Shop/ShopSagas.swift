import ChaosModel
import CommandLine
import EventLoop
import HTTP
import JSON
import LinuxSystem

/// `chaos shop saga list|show|resolve`: asks the orders service, which decides.
struct ShopSagas {
    private static let patience: Duration = .seconds(10)

    private let orders: [String]
    private let isJSON: Bool
    private let client = HTTPClient()

    init(_ system: SystemDescription, isJSON: Bool) {
        orders = system.services.filter { $0.role == "orders" }.compactMap(\.url)
        self.isJSON = isJSON
    }

    func list(olderMilliseconds: Int64) async throws -> Int32 {
        let answer = try await ask("GET", "/sagas?older_ms=\(olderMilliseconds)")
        guard !isJSON else { return show(answer) }
        let sagas = answer["sagas"]?.arrayValue ?? []
        if sagas.isEmpty { Console.answer("No order is on its way for so long.") }
        for saga in sagas { Console.answer(Self.line(saga)) }
        return ExitStatus.held
    }

    func show(order: String) async throws -> Int32 {
        let answer = try await ask("GET", "/sagas/\(order)")
        guard !isJSON else { return show(answer) }
        Console.answer(Self.line(answer))
        for name in ["history", "commands", "resolutions"] {
            for entry in answer[name]?.arrayValue ?? [] {
                let facts = (entry.objectValue?.members ?? []).map { member in
                    "\(member.name) \(member.value.stringValue ?? member.value.serialized())"
                }
                Console.answer("  \(name.padding(to: 12)) \(facts.joined(separator: ", "))")
            }
        }
        return ExitStatus.held
    }

    func resolve(order: String, action: String, reason: String, author: String) async throws
        -> Int32
    {
        let body: JSONValue = [
            "action": .string(action), "reason": .string(reason), "author": .string(author),
        ]
        let answer = try await ask("POST", "/sagas/\(order)/resolve", body)
        guard !isJSON else { return show(answer) }
        Console.answer("\(order): \(action), state \(answer["state"]?.stringValue ?? "?")")
        return ExitStatus.held
    }

    private func show(_ answer: JSONValue) -> Int32 {
        Console.answer(answer.serialized(pretty: true))
        return ExitStatus.held
    }

    private static func line(_ saga: JSONValue) -> String {
        let seconds = (saga["still_ms"]?.integerValue ?? 0) / 1000
        let command = saga["command"]?.stringValue.map {
            ", \($0) tried \(saga["attempts"]?.integerValue ?? 0) times"
        }
        let reason = saga["reason"]?.stringValue.map { " (\($0))" } ?? ""
        return "\(saga["order"]?.stringValue ?? "?")  "
            + "\((saga["state"]?.stringValue ?? "?").padding(to: 13))"
            + "still for \(seconds) s\(command ?? "")\(reason)"
    }

    /// Asks the instances of orders one after another; the first answer counts.
    private func ask(
        _ method: String,
        _ path: String,
        _ body: JSONValue = .null
    ) async throws -> JSONValue {
        var last = "the shop has no orders service"
        for url in orders {
            do {
                let response = try await client.request(
                    method,
                    url: url + path,
                    headers: ["Content-Type": "application/json"],
                    body: body.isNull ? [] : Array(body.serialized().utf8),
                    timeout: Self.patience
                )
                let answer = (try? JSONValue.parse(response.body)) ?? .null
                guard response.status != 200 else { return answer }
                let text = answer["detail"]?.stringValue ?? "status \(response.status)"
                throw Failure("\(text) — \(method) \(path)", status: ExitStatus.deviated)
            } catch let error as HTTPError {
                last = "\(error)"
            }
        }
        throw Failure(
            "orders does not answer: \(last) — \(path). Look at: chaos shop status.",
            status: ExitStatus.deviated
        )
    }
}
