import EventLoop
import LinuxSystem
import Synchronization

/// The runner's end of the lease: starts the guardian and keeps it quiet with heartbeats.
///
/// One task owns the child and the pipe; others only ask it to let go.
struct GuardianLease: Sendable {
    /// How often a heartbeat is sent; the guardian waits five times as long.
    static let period = Duration.milliseconds(200)
    /// How long the guardian may take to start, and to end after it was let go.
    static let startDeadline = Duration.seconds(5)
    static let endDeadline = Duration.seconds(3)

    /// How long it may take to clean up when the lease was abandoned.
    static let cleanUpDeadline = Duration.seconds(15)

    private let end: EndSignal
    private let farewell: Farewell
    private let task: Task<Void, any Error>

    /// Starts `command --run <runID>` and returns once it watches.
    ///
    /// `lost` is called when the guardian goes away while it is needed.
    /// Errors: it cannot be started or does not get ready in time.
    static func start(
        command: [String],
        runID: String,
        log: String,
        loop: Loop,
        lost: @escaping @Sendable (String) -> Void
    ) async throws -> GuardianLease {
        let end = EndSignal(loop: loop)
        let farewell = Farewell()
        let (readiness, ready) = AsyncStream<Result<Void, RunnerError>>.makeStream()
        // Owned by the lease; it ends after `release`, or when the guardian is gone.
        let task = loop.spawn {
            let guardian: Watcher
            do {
                guardian = try await Watcher.start(command, runID, log)
                ready.yield(.success(()))
            } catch {
                let why =
                    "the guardian did not start: \(error) — \(command.joined(separator: " "))."
                ready.yield(.failure(RunnerError(.guardian, why + " See \(log).")))
                return
            }
            await guardian.keepAlive(until: end, farewell, lost)
        }
        for await result in readiness {
            try result.get()
            break
        }
        return GuardianLease(end: end, farewell: farewell, task: task)
    }

    private init(end: EndSignal, farewell: Farewell, task: Task<Void, any Error>) {
        self.end = end
        self.farewell = farewell
        self.task = task
    }

    /// Tells the guardian that nothing is left to undo, and waits until it has gone.
    func release() async {
        end.request()
        _ = await task.result
    }

    /// Lets go without a word, which the guardian takes for a loss; waits until it has cleaned up.
    func abandon() async {
        farewell.isAbandoned.store(true, ordering: .releasing)
        end.request()
        _ = await task.result
    }
}

/// Whether the lease ends without the word that all is undone.
private final class Farewell: Sendable {
    let isAbandoned = Atomic<Bool>(false)
}

/// The guardian as a child with the pipe to its standard input.
private struct Watcher {
    let child: ChildProcess
    let pipe: EventLoop.Stream

    static func start(_ command: [String], _ runID: String, _ log: String) async throws -> Watcher {
        guard let executable = command.first else {
            preconditionFailure("the guardian's command names a program")
        }
        var request = SpawnRequest(
            executable: executable,
            arguments: Array(command.dropFirst()) + ["--run", runID]
        )
        request.stdin = .pipe
        request.stdout = .pipe
        request.stderr = .file(log, append: true)
        request.newSession = true
        let child = try ChildProcess.spawn(request)
        guard let input = child.stdinStream, let output = child.stdoutStream else {
            preconditionFailure("pipes were asked for")
        }
        let isReady = try await withDeadline(GuardianLease.startDeadline) {
            var buffer = ByteBuffer()
            return try await output.read(into: &buffer, atMost: 64) > 0
        }
        output.close()
        guard isReady else {
            throw RunnerError(.guardian, "it ended at once")
        }
        return Watcher(child: child, pipe: input)
    }

    func keepAlive(
        until end: EndSignal,
        _ farewell: Farewell,
        _ lost: @Sendable (String) -> Void
    ) async {
        var patience = GuardianLease.endDeadline
        do {
            repeat {
                try await withDeadline(.seconds(1)) { try await pipe.write([LeaseWatch.heartbeat]) }
            } while !(await end.wait(GuardianLease.period))
            if farewell.isAbandoned.load(ordering: .acquiring) {
                patience = GuardianLease.cleanUpDeadline
            } else {
                try await pipe.write([LeaseWatch.release])
            }
        } catch {
            lost("the guardian is gone: \(error)")
        }
        pipe.close()
        _ = try? await withDeadline(patience) { try await child.wait() }
    }
}
