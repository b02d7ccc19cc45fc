internal import EventLoop
internal import Glibc

/// A helper of ours, a hidden command of the program `chaos`, that lives as long as we hold its
/// standard input: asked by one byte, it answers with one line.
///
/// It ends by itself when we do, however we end; a tag among its words tells whose it is.
package final class LeasedChild: Sendable {
    /// How long it may take to start, to answer and to end.
    private static let answerTimeout = Duration.seconds(5)

    package let pid: Int32
    private let child: ChildProcess
    private let input: Stream
    private let output: Stream

    /// Starts one: `chaos COMMAND --options OPTIONS`; on a loop.
    ///
    /// Throws `SystemError`; no process is left then.
    package static func start(
        executable: String,
        command: String,
        options: String
    ) throws -> LeasedChild {
        var request = SpawnRequest(
            executable: executable,
            arguments: [command, "--options", options]
        )
        request.stdin = .pipe
        request.stdout = .pipe
        request.stderr = .inherit
        request.newSession = true
        let child = try ChildProcess.spawn(request)
        guard let input = child.stdinStream, let output = child.stdoutStream else {
            preconditionFailure("pipes were asked for")
        }
        return LeasedChild(child, input, output)
    }

    private init(_ child: ChildProcess, _ input: Stream, _ output: Stream) {
        self.child = child
        self.input = input
        self.output = output
        pid = child.pid
    }

    /// The next line that it says; `nil` when it has ended.
    ///
    /// Throws `SystemError`, or a timeout.
    package func line() async throws -> [UInt8]? {
        let output = output
        return try await withDeadline(Self.answerTimeout) {
            var buffer = ByteBuffer()
            while !buffer.bytes.contains(UInt8(ascii: "\n")) {
                guard try await output.read(into: &buffer) > 0 else { return nil }
            }
            return Array(buffer.bytes)
        }
    }

    /// Asks for a line; `nil` when it has ended.
    package func ask() async throws -> [UInt8]? {
        try await input.write([UInt8(ascii: "?")])
        return try await line()
    }

    /// Waits until it has ended by itself.
    package func status() async throws -> ExitStatus { try await child.wait() }

    /// Ends its input, and waits until it is gone.
    package func end() async throws {
        input.close()
        _ = try await withDeadline(Self.answerTimeout) { try await self.child.wait() }
        output.close()
    }

    /// Those that run with a tag in their options, with their start times.
    package static func running(
        command: String,
        tag: String
    ) -> [(pid: Int32, startTime: UInt64)] {
        all(command: command).filter { $0.options.contains(tag) }.map { ($0.pid, $0.startTime) }
    }

    /// All that run, with their options.
    package static func all(
        command: String
    ) -> [(pid: Int32, startTime: UInt64, options: String)] {
        let names = (try? SystemFiles.list("/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap { pid in
            guard let bytes = try? SystemFiles.read("/proc/\(pid)/cmdline"), !bytes.isEmpty else {
                return nil
            }
            let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 4, words[1] == command, words[2] == "--options",
                let start = ProcessIdentity.startTime(pid),
                ProcessIdentity.isAlive(pid, startTime: start)
            else { return nil }
            return (pid, start, words[3])
        }
    }

    /// Kills those that run with a tag.
    package static func killAll(command: String, tag: String) {
        for process in running(command: command, tag: tag) {
            ProcessIdentity.signal(process.pid, startTime: process.startTime, SIGKILL)
        }
    }

    /// The program that knows the commands: the one that runs, or `chaos` beside it.
    package static var program: String {
        let path = executablePath()
        return path.hasSuffix("/chaos") ? path : SystemFiles.parent(of: path) + "/chaos"
    }
}
