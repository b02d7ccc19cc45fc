internal import Glibc
import JSON

/// What happens to the flushes of a process: fsync, fdatasync, sync_file_range, syncfs.
package struct FlushImpairment: Sendable, Hashable {
    /// What a flush returns instead of being carried out.
    package enum Failure: String, Sendable, CaseIterable {
        case inputOutput = "EIO"
        case noSpace = "ENOSPC"
        case quota = "EDQUOT"

        var number: Int32 {
            switch self {
            case .inputOutput: EIO
            case .noSpace: ENOSPC
            case .quota: EDQUOT
            }
        }
    }

    package var failure: Failure?
    /// How long it waits first.
    package var delay = Duration.zero
    /// Only every n-th is hit.
    package var every = 1

    package init() {}

    /// The form on the command line of `chaos flush-trace`.
    var json: JSONObject {
        var object: JSONObject = [
            "delay-us": .integer(Int64(delay / .microseconds(1))), "every": .integer(Int64(every)),
        ]
        object["error"] = failure.map { .string($0.rawValue) }
        return object
    }

    init(_ json: JSONValue) {
        failure = json["error"]?.stringValue.flatMap(Failure.init(rawValue:))
        delay = .microseconds(max(0, json["delay-us"]?.integerValue ?? 0))
        every = max(1, Int(json["every"]?.integerValue ?? 1))
    }
}
