import ChaosModel
import EventLoop
import LinuxSystem

/// What the guardian writes into the run's directory: a log for people, records for `chaos status`.
final class GuardianLog {
    private let log: AppendFile
    private let directory: String
    private var records: AppendFile?

    /// Errors: the log cannot be made.
    init(directory: String) throws {
        self.directory = directory
        log = try AppendFile("\(directory)/guardian.log")
    }

    /// A line with the time; that it cannot be written must not keep the guardian from its work.
    func say(_ text: String) {
        try? log.append(Array("\(now.rfc3339) \(text)\n".utf8))
    }

    /// A record; the file is made with the first, so that a clean run has none.
    func record(_ state: GuardianRecord.State, faultID: String? = nil, detail: String? = nil) {
        let record = GuardianRecord(at: now, state: state, faultID: faultID, detail: detail)
        do {
            let file = try records ?? AppendFile("\(directory)/\(GuardianRecord.file)")
            records = file
            try file.append(record.line)
            try file.sync()
        } catch {
            say("cannot write \(GuardianRecord.file): \(error)")
        }
    }

    private var now: Timestamp { Timestamp(microseconds: Loop.wallMicroseconds()) }
}
