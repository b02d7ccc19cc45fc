import JSON

/// What the supervisor reports while it starts, one JSON object per line.
enum ProgressEvent: Equatable, Sendable {
    /// A line for people.
    case note(String)
    /// A process answers.
    case answers(ReadyProcess)
    /// `system.json` is written; everything answers.
    case ready
    /// The start failed and everything is removed again; `log` is the end of the relevant log.
    case failed(message: String, log: String)

    var json: JSONValue {
        switch self {
        case .note(let text): ["note": .string(text)]
        case .answers(let process): ["answers": process.json]
        case .ready: ["ready": true]
        case .failed(let message, let log): ["failed": .string(message), "log": .string(log)]
        }
    }

    /// `nil` for a line that is no event.
    init?(json: JSONValue) {
        if let text = json["note"]?.stringValue {
            self = .note(text)
        } else if let process = json["answers"].flatMap({ ReadyProcess(json: $0) }) {
            self = .answers(process)
        } else if json["ready"] == true {
            self = .ready
        } else if let message = json["failed"]?.stringValue {
            self = .failed(message: message, log: json["log"]?.stringValue ?? "")
        } else {
            return nil
        }
    }
}

/// Takes whole lines out of a file that grows; a torn last line waits for its rest.
struct ProgressReader {
    /// How many bytes have been taken.
    private(set) var offset = 0

    /// The events in the part of `bytes` that was not taken yet.
    mutating func events(in bytes: [UInt8]) -> [ProgressEvent] {
        guard bytes.count > offset,
            let end = bytes[offset...].lastIndex(of: UInt8(ascii: "\n"))
        else { return [] }
        let lines = bytes[offset..<end].split(separator: UInt8(ascii: "\n"))
        offset = end + 1
        return lines.compactMap { line in
            (try? JSONValue.parse(Array(line))).flatMap { ProgressEvent(json: $0) }
        }
    }
}
