import ChaosPluginAPI
import EventLoop
import JSON

/// `down`: the link is disabled; a lease enables it again when nobody renews it.
struct DownFault: Fault {
    static let function = "down"

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let state = try await LinkState.read(context)
        guard state.proxy["enabled"]?.boolValue ?? true else {
            throw ToxicError(
                "the link is down already — \(state.link) at \(state.api.url). Enable it first:"
                    + " a fault must change something."
            )
        }
        return state.record(context, function: DownFault.function, toxic: nil)
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        _ = try await disable(undo)
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let proxy = try await disable(undo)
        let before = undo.state["cuts"]?.integerValue ?? 0
        let cut = max(0, (proxy["cuts"]?.integerValue ?? 0) - before)
        // Refusals happen in the kernel, where nobody counts them: so we look for ourselves.
        let isRefused = await refuses(proxy["listen"]?.stringValue ?? "")
        return Effect(
            hits: Int(cut) + (isRefused ? 1 : 0),
            unit: "connections cut or refused",
            detail: ["cut": .integer(cut), "refuses": .bool(isRefused)]
        )
    }

    func revert(_ undo: UndoRecord) async throws {
        guard undo.state["enabled"]?.boolValue ?? true else { return }
        // No such proxy, or no proxy server any more: then nothing is held down.
        _ = try await call(undo, "POST", ["enabled": true])
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        guard case .ok(let proxy) = try await call(undo, "GET", nil) else { return }
        guard proxy["enabled"]?.boolValue != undo.state["enabled"]?.boolValue else { return }
        throw ToxicError(
            "the link is still down — \(undo.target) at \(try undo.text("api"))."
                + " Enable it: POST {\"enabled\": true} to the proxy."
        )
    }

    /// Disables the link or renews its lease; returns the proxy's description.
    private func disable(_ undo: UndoRecord) async throws -> JSONValue {
        let lease = undo.leaseMilliseconds
        let answer =
            lease > 0
            ? try await call(undo, "POST", ["enabled": false, "ttl": .integer(lease)])
            : try await call(undo, "GET", nil)
        guard case .ok(let proxy) = answer else {
            throw ToxicError(
                "the proxy or its link is gone — \(undo.target). Someone stopped the system while"
                    + " the fault was in effect; run again undisturbed."
            )
        }
        return proxy
    }

    private func call(
        _ undo: UndoRecord,
        _ method: String,
        _ body: JSONValue?
    ) async throws -> ProxyAPI.Answer {
        let api = ProxyAPI(url: try undo.text("api"))
        return try await api.call(method, ["proxies", try undo.text("proxy")], body)
    }

    private func refuses(_ listen: String) async -> Bool {
        guard let address = try? SocketAddress(parsing: listen) else { return false }
        do {
            try await Stream.connect(to: address, timeout: .milliseconds(500)).close()
            return false
        } catch {
            return true
        }
    }
}
