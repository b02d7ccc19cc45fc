import ChaosModel
import CommandLine
import EventLoop
import HTTP
import JSON

/// `chaos shop conflicts`: asks the reconciler.
struct ShopConflicts {
    private let client = HTTPClient()
    private let url: String
    private let isJSON: Bool

    /// Throws `Failure` when the shop runs without its reconciler.
    init(_ system: SystemDescription, isJSON: Bool) throws {
        guard let url = system.services.first(where: { $0.role == "reconciler" })?.url else {
            throw Failure(
                "this shop runs without its reconciler, which belongs to the event side. "
                    + "Start one with: chaos shop up",
                status: ExitStatus.usage
            )
        }
        self.url = url
        self.isJSON = isJSON
    }

    func list(all: Bool) async throws -> Int32 {
        let response = try await client.request(
            "GET",
            url: "\(url)/conflicts?all=\(all)",
            timeout: .seconds(10)
        )
        let answer = (try? JSONValue.parse(response.body)) ?? .null
        guard response.status == 200, let conflicts = answer["conflicts"]?.arrayValue else {
            let reason = answer["detail"]?.stringValue ?? "status \(response.status)"
            throw Failure("the reconciler: \(reason)", status: ExitStatus.deviated)
        }
        let isClean = conflicts.allSatisfy { $0["state"] != "open" }
        if isJSON {
            Console.answer(answer.serialized(pretty: true))
            return isClean ? ExitStatus.held : ExitStatus.deviated
        }
        if isClean { Console.say("Nothing is open.") }
        for conflict in conflicts { show(conflict) }
        return isClean ? ExitStatus.held : ExitStatus.deviated
    }

    private func show(_ conflict: JSONValue) {
        func text(_ name: String) -> String { conflict[name]?.stringValue ?? "" }
        let isOpen = conflict["state"] == "open"
        let state = isOpen ? (conflict["rule"] == nil ? "for a person" : "open") : text("state")
        Console.answer(
            "\(text("order"))  \(text("kind").padding(to: 22)) \(state.padding(to: 13)) "
                + "since \(text("since"))"
        )
        Console.answer("  \(text("detail"))")
        guard let rule = conflict["rule"]?.stringValue else { return }
        let count = conflict["repairs"]?.integerValue ?? 0
        let failure = conflict["failure"]?.stringValue.map { "; it failed: \($0)" } ?? ""
        Console.answer("  rule: \(rule), carried out \(count) times\(failure)")
    }
}
