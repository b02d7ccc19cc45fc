internal import CTrace
internal import EventLoop
import JSON
internal import LinuxSystem

/// What `chaos flush-trace --options JSON` does: traces a process until its standard input ends.
package struct FlushTraceProcess: Sendable {
    private let pid: Int32
    private let impairment: FlushImpairment

    /// Reads the options; throws `ProcessTraceError` or `JSONError`.
    package init(options text: String) throws {
        let json = try JSONValue.parse(text)
        guard let pid = json["pid"]?.integerValue.flatMap(Int32.init(exactly:)),
            let start = json["pid-started"]?.integerValue.flatMap(UInt64.init(exactly:)),
            ProcessIdentity.isAlive(pid, startTime: start)
        else {
            throw ProcessTraceError(
                "the options name no process that runs — chaos flush-trace. It is started by a"
                    + " fault, not by hand."
            )
        }
        self.pid = pid
        impairment = FlushImpairment(json["impairment"] ?? [:])
    }

    /// Traces until standard input ends; the calling thread waits meanwhile.
    ///
    /// Throws `SystemError` when the process cannot be traced; nothing was changed then.
    package func run() throws {
        var setting = ctrace_setting()
        setting.error = impairment.failure?.number ?? 0
        setting.delay_ns = Int64(impairment.delay / .nanoseconds(1))
        setting.every = UInt64(impairment.every)
        _ = try SystemError.check(
            unsafe ctrace_run(pid, &setting, 0, 1),
            call: "tracing",
            object: "process \(pid)"
        )
    }

    /// Whether this build can trace at all.
    package static var isPossible: Bool { ctrace_can() != 0 }
}
