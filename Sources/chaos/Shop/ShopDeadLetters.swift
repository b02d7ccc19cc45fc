import ChaosModel
import CommandLine
import EventLoop
import HTTP
import JSON

/// `chaos shop dead-letters list|show|replay`: events that a consumer could not handle.
struct ShopDeadLetters {
    /// The services that keep dead letters.
    static let consumers = ["notifications", "projector"]

    private let client = HTTPClient()
    private let services: [(name: String, url: String)]
    private let isJSON: Bool

    /// Throws `Failure` when the shop runs without its event side.
    init(_ system: SystemDescription, isJSON: Bool) throws {
        services = Self.consumers.compactMap { name in
            let service = system.services.first { $0.role == name }
            return service?.url.map { (name, $0) }
        }
        guard !services.isEmpty else {
            throw Failure(
                "this shop runs without its event side. Start one with: chaos shop up",
                status: ExitStatus.usage
            )
        }
        self.isJSON = isJSON
    }

    func list() async throws -> Int32 {
        var all: [JSONValue] = []
        for service in services {
            let body = try await ask(service, "GET", "/dead-letters").body
            for letter in body["dead_letters"]?.arrayValue ?? [] {
                guard var object = letter.objectValue else { continue }
                object["id"] = .string("\(service.name)/\(letter["id"]?.integerValue ?? 0)")
                object["payload"] = nil
                all.append(.object(object))
            }
        }
        if isJSON {
            Console.answer(JSONValue.array(all).serialized(pretty: true))
            return ExitStatus.held
        }
        if all.isEmpty { Console.say("No event is parked.") }
        for letter in all {
            func text(_ name: String) -> String { letter[name]?.stringValue ?? "" }
            let mark = letter["replayed"] == true ? "replayed" : "parked"
            Console.answer(
                "\(text("id").padding(to: 20)) \(text("type").padding(to: 18)) "
                    + "\(text("key"))  \(mark.padding(to: 9)) \(text("reason"))"
            )
        }
        return ExitStatus.held
    }

    func show(_ word: String) async throws -> Int32 {
        let (service, id) = try place(word)
        let answer = try await ask(service, "GET", "/dead-letters/\(id)")
        guard answer.status == 200 else { throw refusal(answer, word) }
        if isJSON {
            Console.answer(answer.body.serialized(pretty: true))
            return ExitStatus.held
        }
        for member in answer.body.objectValue?.members ?? [] {
            let text = member.value.stringValue ?? member.value.serialized()
            Console.answer("\(member.name.padding(to: 12)) \(text)")
        }
        return ExitStatus.held
    }

    func replay(_ word: String) async throws -> Int32 {
        let (service, id) = try place(word)
        let answer = try await ask(service, "POST", "/dead-letters/\(id)/replay")
        guard answer.status == 200 else { throw refusal(answer, word) }
        Console.say("\(word) is handled.")
        return ExitStatus.held
    }

    /// `notifications/12`: whose, and which.
    private func place(
        _ word: String
    ) throws -> (service: (name: String, url: String), id: Int64) {
        let parts = word.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let id = Int64(parts[1]),
            let service = services.first(where: { $0.name == parts[0] })
        else {
            throw Failure(
                "'\(word)' is no dead letter. Use the name that 'chaos shop dead-letters list' "
                    + "shows, such as notifications/1.",
                status: ExitStatus.usage
            )
        }
        return (service, id)
    }

    private func ask(
        _ service: (name: String, url: String),
        _ method: String,
        _ path: String
    ) async throws -> (status: Int, body: JSONValue) {
        let response = try await client.request(
            method,
            url: service.url + path,
            timeout: .seconds(10)
        )
        return (response.status, (try? JSONValue.parse(response.body)) ?? .null)
    }

    private func refusal(_ answer: (status: Int, body: JSONValue), _ word: String) -> Failure {
        let reason = answer.body["detail"]?.stringValue ?? "status \(answer.status)"
        return Failure("\(word): \(reason)", status: ExitStatus.deviated)
    }
}
