package import ChaosModel
package import ChaosPluginAPI
package import JSON

/// What the ledger keeps of one fault: all that it takes to undo it, readable without anything
/// else.
///
/// JSON form, version 1: `{"version":1,"run","fault","step","path","plugin","function","target",
/// "state":{…},"since":RFC 3339,"until":RFC 3339}`.
package struct LedgerEntry: Sendable, Hashable {
    package var runID: String
    /// Unique within the run and the name of its file.
    package var faultID: String
    /// The step's name and its place in the experiment.
    package var step: String
    package var path: String
    package var undo: UndoRecord
    /// When the record was written: the fault is in effect from then on.
    package var since: Timestamp
    /// When the runner means to revert it.
    package var until: Timestamp?

    package init(
        runID: String,
        faultID: String,
        step: String,
        path: String,
        undo: UndoRecord,
        since: Timestamp,
        until: Timestamp?
    ) {
        self.runID = runID
        self.faultID = faultID
        self.step = step
        self.path = path
        self.undo = undo
        self.since = since
        self.until = until
    }

    /// The form on disk.
    package var json: JSONValue {
        var object: JSONObject = [
            "version": 1,
            "run": .string(runID),
            "fault": .string(faultID),
            "step": .string(step),
            "path": .string(path),
            "plugin": .string(undo.plugin),
            "function": .string(undo.function),
            "target": .string(undo.target),
            "state": .object(undo.state),
            "since": .string(since.rfc3339),
        ]
        if let until { object["until"] = .string(until.rfc3339) }
        return .object(object)
    }

    /// Reads the form on disk; `nil` when a member that the undo needs is missing or ill-typed.
    package init?(json: JSONValue) {
        guard json["version"]?.integerValue == 1,
            let runID = json["run"]?.stringValue,
            let faultID = json["fault"]?.stringValue,
            let plugin = json["plugin"]?.stringValue,
            let function = json["function"]?.stringValue,
            let target = json["target"]?.stringValue,
            let state = json["state"]?.objectValue
        else { return nil }
        self.init(
            runID: runID,
            faultID: faultID,
            step: json["step"]?.stringValue ?? faultID,
            path: json["path"]?.stringValue ?? "",
            undo: UndoRecord(plugin: plugin, function: function, target: target, state: state),
            since: json["since"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
                ?? Timestamp(microseconds: 0),
            until: json["until"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        )
    }
}
