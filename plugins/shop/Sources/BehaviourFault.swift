import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON

/// `behaviour`: the processor is slow, fails or answers twice; a lease ends it when nobody renews.
struct BehaviourFault: Fault {
    static let function = "behaviour"

    /// A behaviour outlives the last sign of life of its run by this, milliseconds.
    private static let heartbeat: Int64 = 15_000
    /// What a lease may last beyond the fault's own time.
    private static let margin = Duration.seconds(5)
    /// The lease of a fault whose time is not known.
    private static let leaseDefault = Duration.seconds(600)

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let arguments = context.arguments
        guard ["delay", "fail", "answers"].contains(where: { arguments[$0] != nil }) else {
            throw ShopFaultError(
                "there is no way to misbehave — arguments. Give delay, fail or answers."
            )
        }
        let processor = try ProcessorAPI.find(context)
        guard case .ok = try await processor.call("GET", nil) else {
            throw ShopFaultError(
                "no processor that can be told to misbehave listens — \(processor.url). Start the"
                    + " shop (chaos shop up), and hit its processor."
            )
        }
        let number = String(context.seed & 0xffff_ffff, radix: 36)
        let lease = (context.lease ?? Self.leaseDefault) + Self.margin
        let state: JSONObject = [
            "url": .string(processor.url), "name": .string("chaos-\(context.runID)-\(number)"),
            "until_us": .integer(Loop.wallMicroseconds() + lease.microseconds),
        ]
        return UndoRecord(
            plugin: "shop",
            function: Self.function,
            target: context.target?.name ?? "processor",
            state: state
        )
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let arguments = context.arguments
        var rule: JSONObject = [
            "share": arguments["share"] ?? 1,
            "seed": .integer(Int64(bitPattern: context.seed)),
            "for_ms": .integer(max(1, Self.lease(undo))),
        ]
        rule["delay_ms"] = arguments["delay"]?.doubleValue.map { .integer(Int64($0.rounded())) }
        for name in ["fail", "answers", "times"] { rule[name] = arguments[name] }
        guard case .ok = try await call("PUT", undo, .object(rule)) else { throw vanished(undo) }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        // Renewing tells the hits as well. It brings nothing back: a behaviour that was undone
        // meanwhile, or has ended, stays away.
        let lease = Self.lease(undo)
        let answer = try await call("PATCH", undo, ["for_ms": .integer(max(1, lease))])
        guard case .ok(let behaviour) = answer else { throw vanished(undo) }
        return Effect(
            hits: Int(behaviour["hits"]?.integerValue ?? 0),
            unit: "requests mishandled",
            detail: [
                "behaviour": .string(try undo.text("name")),
                "requests": behaviour["requests"] ?? 0,
            ]
        )
    }

    func revert(_ undo: UndoRecord) async throws {
        // Not there, or no processor any more: then it is undone.
        _ = try await call("DELETE", undo)
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        let url = try undo.text("url")
        let name = try undo.text("name")
        guard case .ok(let all) = try await ProcessorAPI(url: url).call("GET", nil),
            all["behaviours"]?.arrayValue?.contains(where: { $0["name"] == .string(name) }) == true
        else { return }
        throw ShopFaultError(
            "the behaviour \(name) is still in force — \(undo.target) at \(url)."
                + " End it: DELETE \(url)/behaviours/\(name)."
        )
    }

    /// What the lease may be now, milliseconds; 0 and less when its time is over.
    private static func lease(_ undo: UndoRecord) -> Int64 {
        let until = undo.state["until_us"]?.integerValue ?? 0
        return min(heartbeat, (until - Loop.wallMicroseconds()) / 1_000)
    }

    private func call(
        _ method: String,
        _ undo: UndoRecord,
        _ body: JSONValue? = nil
    ) async throws -> ProcessorAPI.Answer {
        let processor = ProcessorAPI(url: try undo.text("url"))
        return try await processor.call(method, try undo.text("name"), body)
    }

    private func vanished(_ undo: UndoRecord) -> ShopFaultError {
        ShopFaultError(
            "the processor or its behaviour is gone — \(undo.target). It ended or was restarted,"
                + " and a restart forgets behaviours, or someone ended it while the fault was in"
                + " effect; run again undisturbed."
        )
    }
}

extension UndoRecord {
    /// - Throws: `ShopFaultError` when the record is not one of ours.
    fileprivate func text(_ name: String) throws -> String {
        guard let text = state[name]?.stringValue else {
            throw ShopFaultError(
                "the undo record has no \(name) — \(plugin) \(function) on \(target)."
                    + " End the behaviour by hand: DELETE it at the processor."
            )
        }
        return text
    }
}

extension Duration {
    fileprivate var microseconds: Int64 { Int64(self / .microseconds(1)) }
}
