import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON

/// A link as the proxy knows it, and the record from which a fault on it is undone.
struct LinkState: Sendable {
    /// A toxic outlives the last sign of life of its run by this, milliseconds.
    static let heartbeat: Int64 = 15_000
    /// What a lease may last beyond the fault's own time.
    static let margin = Duration.seconds(5)
    /// The lease of a fault whose time is not known.
    static let leaseDefault = Duration.seconds(600)

    let api: ProxyAPI
    let link: String
    /// The proxy's own description.
    let proxy: JSONValue

    /// Asks the proxy of the targeted link; changes nothing.
    ///
    /// - Throws: `ToxicError` when there is no such proxy or it cannot be asked.
    static func read(_ context: StepContext) async throws -> LinkState {
        guard case .link(let link)? = context.target else {
            throw ToxicError("there is no link to hit — target. Write {\"link\": \"a->b\"}.")
        }
        let given = context.arguments["api"]?.stringValue
        guard let url = given ?? context.system?.proxyAPI else {
            throw ToxicError(
                "no proxy is known that carries \(link) — target. Start the system first"
                    + " (chaos shop up), or give the argument api."
            )
        }
        let api = ProxyAPI(url: url)
        switch try await api.call("GET", ["proxies", link]) {
        case .ok(let proxy): return LinkState(api: api, link: link, proxy: proxy)
        case .missing:
            throw ToxicError(
                "the proxy carries no link \(link) — \(url). See its links: GET \(url)/proxies."
            )
        case .gone:
            throw ToxicError(
                "no proxy listens — \(url). Start the system (chaos shop up) or the proxy"
                    + " (chaos proxy serve)."
            )
        }
    }

    /// What must be known to undo the fault, and when its lease ends at the latest.
    func record(_ context: StepContext, function: String, toxic: String?) -> UndoRecord {
        let lease = (context.lease ?? LinkState.leaseDefault) + LinkState.margin
        let until = Loop.wallMicroseconds() + Int64(lease.milliseconds * 1_000)
        var state: JSONObject = ["api": .string(api.url), "proxy": .string(link)]
        state["toxic"] = toxic.map { .string($0) }
        state["enabled"] = proxy["enabled"] ?? true
        state["cuts"] = proxy["cuts"] ?? 0
        state["until_us"] = .integer(until)
        return UndoRecord(plugin: "toxic", function: function, target: link, state: state)
    }
}

extension UndoRecord {
    /// - Throws: `ToxicError` when the record is not one of ours.
    func text(_ name: String) throws -> String {
        guard let text = state[name]?.stringValue else {
            throw ToxicError(
                "the undo record has no \(name) — \(plugin) \(function) on \(target)."
                    + " Remove the fault by hand: DELETE the toxic at the proxy's API."
            )
        }
        return text
    }

    /// What the lease may be now, milliseconds; 0 when its time is over.
    var leaseMilliseconds: Int64 {
        let until = state["until_us"]?.integerValue ?? 0
        return min(LinkState.heartbeat, max(0, (until - Loop.wallMicroseconds()) / 1_000))
    }
}
