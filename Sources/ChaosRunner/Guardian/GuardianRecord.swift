package import ChaosModel
import JSON
import LinuxSystem

/// A line of `guardian.jsonl`, which the guardian writes beside the journal of a runner that it
/// lost.
///
/// The journal has one writer, the runner; so what came after the runner stands in a file of its
/// own.
package struct GuardianRecord: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        /// The runner is gone or silent.
        case leaseLost = "lease-lost"
        case reverted
        case revertFailed = "revert-failed"
        /// Nothing of the run is left.
        case clean
    }

    package var at: Timestamp
    package var state: State
    package var faultID: String?
    package var detail: String?

    /// The name of the file in the run's directory.
    static let file = "guardian.jsonl"

    /// `{"at":RFC 3339,"state","fault","detail"}` with a line feed.
    var line: [UInt8] {
        var object: JSONObject = ["at": .string(at.rfc3339), "state": .string(state.rawValue)]
        if let faultID { object["fault"] = .string(faultID) }
        if let detail { object["detail"] = .string(detail) }
        var bytes: [UInt8] = []
        JSONValue.object(object).write(into: &bytes)
        return bytes + [0x0A]
    }

    init(at: Timestamp, state: State, faultID: String? = nil, detail: String? = nil) {
        self.at = at
        self.state = state
        self.faultID = faultID
        self.detail = detail
    }

    init?(line: [UInt8]) {
        guard let value = try? JSONValue.parse(line),
            let at = value["at"]?.stringValue.flatMap({ Timestamp(rfc3339: $0) }),
            let state = value["state"]?.stringValue.flatMap(State.init(rawValue:))
        else { return nil }
        self.init(
            at: at,
            state: state,
            faultID: value["fault"]?.stringValue,
            detail: value["detail"]?.stringValue
        )
    }

    /// What a guardian wrote in a run's directory; empty when none had to; torn lines are skipped.
    package static func read(directory: String) -> [GuardianRecord] {
        guard let bytes = try? SystemFiles.read("\(directory)/\(file)") else { return [] }
        return bytes.split(separator: 0x0A).compactMap { GuardianRecord(line: Array($0)) }
    }
}
