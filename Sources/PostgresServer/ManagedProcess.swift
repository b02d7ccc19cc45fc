import EventLoop
package import LinuxSystem

/// A child process whose end several parties may await, and that can be stopped with patience.
///
/// Confined to the loop that started it (therefore `@unchecked Sendable`).
package final class ManagedProcess: @unchecked Sendable {
    private let child: ChildProcess
    private let loop: Loop
    private var waiters: [Int: CheckedContinuation<ExitStatus, any Error>] = [:]
    private var waiterCount = 0
    /// How it ended, `nil` while it runs.
    package private(set) var status: ExitStatus?

    /// Starts the program; throws the operating system's error when it cannot.
    package static func start(_ request: SpawnRequest) throws -> ManagedProcess {
        guard let loop = Loop.current else {
            preconditionFailure("ManagedProcess.start is called outside of a loop")
        }
        let process = ManagedProcess(try ChildProcess.spawn(request), loop)
        // Owned by nobody: it ends with the child, which it reaps.
        loop.spawn { await process.reap() }
        return process
    }

    private init(_ child: ChildProcess, _ loop: Loop) {
        self.child = child
        self.loop = loop
    }

    package var pid: Int32 { child.pid }

    /// Waits for the end; may be called any number of times, also at once.
    ///
    /// Throws `CancellationError`; the process goes on then.
    package func wait() async throws -> ExitStatus {
        waiterCount += 1
        let number = waiterCount
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if let status {
                    continuation.resume(returning: status)
                } else if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    waiters[number] = continuation
                }
            }
        } onCancel: {
            loop.execute {
                self.waiters.removeValue(forKey: number)?.resume(throwing: CancellationError())
            }
        }
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
        let stopping = loop.spawn {
            for (number, patience) in signals + [(9, .seconds(10))] {
                self.signal(number)
                let ended = try? await withDeadline(patience) { try await self.wait() }
                if ended != nil { return }
            }
        }
        _ = await stopping.result
    }

    /// Nothing but a signal that the kernel refuses to tell us of can make this throw, so whatever
    /// it throws is taken for the end.
    private func reap() async {
        let ending = (try? await child.wait()) ?? .exited(-1)
        status = ending
        let waiting = waiters
        waiters = [:]
        for continuation in waiting.values { continuation.resume(returning: ending) }
    }
}
