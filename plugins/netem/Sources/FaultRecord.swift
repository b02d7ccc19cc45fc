import ChaosPluginAPI
import JSON
import Netlink

/// The undo record of a fault, and the paths that it stands for.
struct FaultRecord {
    var site: SiteRecord
    var mark: Mark
    var directions: [Selection.Direction]
    /// What the kernel had before; `nil` when the fault was found by its mark alone.
    var before: KernelState?

    static func directions(_ arguments: JSONObject) -> [Selection.Direction] {
        switch arguments["direction"]?.stringValue {
        case "ingress": [.ingress]
        case "both": [.egress, .ingress]
        default: [.egress]
        }
    }

    func paths(_ site: Site) -> [any Path] {
        directions.map { direction in
            switch direction {
            case .egress: EgressPath(site: site, mark: mark)
            case .ingress: IngressPath(site: site, mark: mark)
            }
        }
    }

    func undo(function: String) -> UndoRecord {
        var state: JSONObject = [
            "mark": .string(mark.text),
            "directions": .array(directions.map { .string($0.rawValue) }),
        ]
        site.write(to: &state)
        state["before"] = before?.json
        return UndoRecord(plugin: "netem", function: function, target: site.target, state: state)
    }
}

extension FaultRecord {
    /// - Throws: `NetemError` when the record is not one of ours.
    init(_ undo: UndoRecord) throws {
        site = try SiteRecord(undo)
        guard let mark = undo.state["mark"]?.stringValue.flatMap({ Mark(text: $0) }) else {
            throw NetemError(
                "the undo record has no mark — netem \(undo.function) on \(undo.target). Look for"
                    + " disciplines of ours (tc qdisc | grep c4a5) and remove them by hand."
            )
        }
        self.mark = mark
        directions = (undo.state["directions"]?.arrayValue ?? []).compactMap {
            Selection.Direction(rawValue: $0.stringValue ?? "")
        }
        before = KernelState(json: undo.state["before"])
    }
}
