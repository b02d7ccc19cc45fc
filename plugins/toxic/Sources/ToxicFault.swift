import ChaosModel
import ChaosPluginAPI
import EventLoop
import Glibc
import JSON

/// A fault that is one toxic of the proxy.
struct ToxicFault: Fault {
    let form: ToxicForm

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        _ = try ToxicForm.match(context.arguments)
        let state = try await LinkState.read(context)
        let spoken = state.proxy["protocol"]?.stringValue ?? "tcp"
        if let needs = form.needs, spoken != needs {
            throw ToxicError(
                "\(form.function) needs a link that speaks \(needs) — \(state.link) speaks"
                    + " \(spoken). Create the proxy with \"protocol\": \"\(needs)\"."
            )
        }
        guard state.proxy["enabled"]?.boolValue ?? true else {
            throw ToxicError(
                "the link is down — \(state.link) at \(state.api.url). Enable it first: then the"
                    + " fault can happen."
            )
        }
        let number = String(context.seed & 0xffff_ffff, radix: 36)
        let name = "chaos-\(context.runID)-\(form.function)-\(number)"
        return state.record(context, function: form.function, toxic: name)
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        var body: JSONObject = [
            "name": .string(try undo.text("toxic")),
            "type": .string(form.type),
            "stream": context.arguments["stream"] ?? "downstream",
            "toxicity": context.arguments["toxicity"] ?? 1,
            "attributes": .object(form.attributes(context.arguments)),
            "ttl": .integer(undo.leaseMilliseconds),
            "seed": .integer(Int64(bitPattern: context.seed)),
        ]
        body["match"] = try ToxicForm.match(context.arguments)
        let path = ["proxies", try undo.text("proxy"), "toxics"]
        guard case .ok = try await api(undo).call("POST", path, .object(body)) else {
            throw vanished(undo)
        }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let hangs = form.hangsConnects ? try await connectHangs(undo) : nil
        let lease = undo.leaseMilliseconds
        // Renewing tells the hits as well; a lease whose time is over is not renewed.
        let answer =
            try await lease > 0
            ? api(undo).call("POST", try path(undo), ["ttl": .integer(lease)])
            : api(undo).call("GET", try path(undo))
        guard case .ok(let toxic) = answer else { throw vanished(undo) }
        var effect = Effect(hits: Int(toxic["hits"]?.integerValue ?? 0), unit: form.unit)
        effect.detail = ["toxic": .string(try undo.text("toxic"))]
        effect.detail["hangs"] = hangs.map { .bool($0) }
        guard let occurrences = toxic["occurrences"] else { return effect }
        effect.detail["occurrences"] = occurrences
        let listing = try await api(undo).call("GET", try path(undo) + ["firings"])
        guard case .ok(let firings) = listing else { return effect }
        effect.hits = Int(firings["hits"]?.integerValue ?? 0)
        effect.firings = (firings["firings"]?.arrayValue ?? []).compactMap { Firing(proxy: $0) }
        return effect
    }

    func revert(_ undo: UndoRecord) async throws {
        // Not there, or no proxy any more: then it is undone.
        _ = try await api(undo).call("DELETE", try path(undo))
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        guard case .ok = try await api(undo).call("GET", try path(undo)) else { return }
        throw ToxicError(
            "the toxic \(try undo.text("toxic")) is still there — \(undo.target) at"
                + " \(try undo.text("api")). Remove it: DELETE it at the proxy's API."
        )
    }

    /// Tries to connect to the link; the attempt counts as one that was dropped.
    private func connectHangs(_ undo: UndoRecord) async throws -> Bool {
        let path = ["proxies", try undo.text("proxy")]
        guard case .ok(let proxy) = try await api(undo).call("GET", path),
            let address = try? SocketAddress(parsing: proxy["listen"]?.stringValue ?? "")
        else { return false }
        do {
            try await Stream.connect(to: address, timeout: .milliseconds(300)).close()
            return false
        } catch let error as SystemError {
            return error.code == ETIMEDOUT
        }
    }

    private func api(_ undo: UndoRecord) throws -> ProxyAPI {
        ProxyAPI(url: try undo.text("api"))
    }

    private func path(_ undo: UndoRecord) throws -> [String] {
        ["proxies", try undo.text("proxy"), "toxics", try undo.text("toxic")]
    }

    private func vanished(_ undo: UndoRecord) -> ToxicError {
        ToxicError(
            "the proxy, its link or the toxic is gone — \(undo.target). Someone stopped the system"
                + " or reset the proxy while the fault was in effect; run again undisturbed."
        )
    }
}

extension Firing {
    /// Reads `{"ordinal":1,"at_us":…,"connection":"c17","detail":{…}}`.
    init?(proxy value: JSONValue) {
        guard let ordinal = value["ordinal"]?.integerValue, let at = value["at_us"]?.integerValue
        else { return nil }
        var detail = value["detail"]?.objectValue ?? [:]
        detail["connection"] = value["connection"]
        self.init(ordinal: Int(ordinal), at: Timestamp(microseconds: at), detail: detail)
    }
}
