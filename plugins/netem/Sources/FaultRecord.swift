import ChaosPluginAPI
import JSON
import NFTables
import Netlink

/// The undo record of a fault, and the paths that it stands for.
struct FaultRecord {
    var site: SiteRecord
    var mark: Mark
    var directions: [Selection.Direction]
    /// What the kernel had before; `nil` when the fault was found by its mark alone.
    var before: KernelState?
    /// With the backend nfqueue: the tables that lead packets to a process of ours.
    var tables: [TableName] = []

    func paths(_ site: Site) -> [any Path] {
        directions.map { direction in
            switch direction {
            case .egress: EgressPath(site: site, mark: mark)
            case .ingress: IngressPath(site: site, mark: mark)
            }
        }
    }

    func undo(function: String, target: String? = nil) -> UndoRecord {
        var state: JSONObject = [
            "mark": .string(mark.text),
            "directions": .array(directions.map { .string($0.rawValue) }),
        ]
        site.write(to: &state)
        state["before"] = before?.json
        state["backend"] = .string(tables.isEmpty ? "netem" : "nfqueue")
        if !tables.isEmpty { state["tables"] = .array(tables.map { .string($0.name) }) }
        return UndoRecord(
            plugin: "netem",
            function: function,
            target: target ?? site.target,
            state: state
        )
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
        tables = (undo.state["tables"]?.arrayValue ?? []).compactMap { value in
            guard let name = value.stringValue, OwnershipTag(tableName: name) != nil else {
                return nil
            }
            return TableName(.inet, name)
        }
    }
}
