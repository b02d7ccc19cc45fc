package import EventLoop
internal import Glibc

/// A process that we started.
///
/// It is reaped on the loop as soon as it ends, also when nobody waits for it or the handle is
/// gone.
package final class ChildProcess: Sendable {
    package let pid: Int32
    /// Ours to write, with `.pipe`.
    package let stdinStream: Stream?
    /// Ours to read, with `.pipe`.
    package let stdoutStream: Stream?
    /// Ours to read, with `.pipe`.
    package let stderrStream: Stream?
    private let reaper: ChildReaper

    /// Starts a process; on a loop.
    ///
    /// With `dieWithParent` the loop's *thread* is the parent: use a loop that lives as long as we
    /// do, such as the main one. Throws `SystemError` that names the failed step (`execve`,
    /// `chdir`, `setuid`, …); no process is left then.
    package static func spawn(_ request: SpawnRequest) throws -> ChildProcess {
        guard let loop = Loop.current else { preconditionFailure("spawn is called on a loop") }
        var plumbing = Plumbing()
        defer { plumbing.close() }
        let input = try plumbing.open(request.stdin, number: 0)
        let output = try plumbing.open(request.stdout, number: 1)
        let error = try plumbing.open(request.stderr, number: 2)
        let streams = try plumbing.adoptOurs(loop)
        do {
            let pid = try SpawnCall.start(request, input, output, error)
            return ChildProcess(streams, try ChildReaper(pid: pid, loop: loop))
        } catch {
            for stream in streams.values { stream.close() }
            throw error
        }
    }

    private init(_ streams: [Int: Stream], _ reaper: ChildReaper) {
        pid = reaper.pid
        stdinStream = streams[0]
        stdoutStream = streams[1]
        stderrStream = streams[2]
        self.reaper = reaper
    }

    /// How it ended; `nil` while it runs; any thread.
    package var status: ExitStatus? { reaper.status }

    /// Waits for the end; any number of tasks may, on the loop that spawned it.
    ///
    /// Throws `CancellationError`; the process goes on then.
    package func wait() async throws -> ExitStatus { try await reaper.wait() }

    /// Sends a signal; harmless when it has ended: a pid that was given away again is never hit.
    package func signal(_ number: Int32) { reaper.signal(number) }

    /// Sends a signal to its whole process group, which may outlive it; only with `newSession`.
    package func signalGroup(_ number: Int32) {
        kill(-pid, number)
    }
}
