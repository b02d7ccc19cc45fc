import EventLoop
package import LinuxSystem

/// A child process whose end several parties may await, and that can be stopped with patience.
///
/// Confined to the loop that started it (therefore `@unchecked Sendable`).
package final class ManagedProcess: @unchecked Sendable {
    private let child: ChildProcess
    /// Owned by this object; ends with the child. `nil` only before `start` returns.
    private var ending: Task<ExitStatus, any Error>?
    /// How it ended, `nil` while it runs.
    package private(set) var status: ExitStatus?

    /// Starts the program; throws the operating system's error when it cannot.
    package static func start(_ request: SpawnRequest) throws -> ManagedProcess {
        guard let loop = Loop.current else {
            preconditionFailure("ManagedProcess.start is called outside of a loop")
        }
        let process = ManagedProcess(try ChildProcess.spawn(request))
        process.ending = loop.spawn {
            let status = try await process.child.wait()
            process.status = status
            return status
        }
        return process
    }

    private init(_ child: ChildProcess) {
        self.child = child
    }

    package var pid: Int32 { child.pid }

    /// Waits for the end; may be called any number of times.
    package func wait() async throws -> ExitStatus {
        guard let ending else { preconditionFailure("a process that was not started") }
        return try await ending.value
    }

    /// Sends a signal; harmless when the process is gone.
    package func signal(_ number: Int32) {
        guard status == nil else { return }
        child.signal(number)
    }

    /// Sends the signals one after the other, waiting for the end after each; ends with SIGKILL.
    ///
    /// Runs to its end in a cancelled task too: stopping must not be cut short.
    package func stop(_ signals: [(number: Int32, patience: Duration)]) async {
        guard let loop = Loop.current else {
            preconditionFailure("ManagedProcess.stop is called outside of a loop")
        }
        let stopping = loop.spawn {
            for (number, patience) in signals + [(9, .seconds(10))] {
                self.signal(number)
                let ended = try? await withDeadline(patience) { try await self.wait() }
                if ended != nil { return }
            }
        }
        _ = await stopping.result
    }
}
