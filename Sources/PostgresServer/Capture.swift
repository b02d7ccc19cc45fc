import EventLoop
import LinuxSystem

/// Runs short programs to their end and keeps what they print.
enum Capture {
    /// How a program ended and what it wrote to stdout and stderr, at most 64 KiB.
    struct Output {
        var status: ExitStatus
        var text: String
    }

    static func run(
        _ command: [String],
        as account: ServerAccount,
        input: String = "",
        timeout: Duration
    ) async throws -> Output {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-run-")
        defer { try? SystemFiles.removeTree(folder) }
        let log = folder + "/output"
        var request = SpawnRequest(executable: command[0], arguments: Array(command.dropFirst()))
        request.user = account.identity.map { (uid: $0.user, gid: $0.group) }
        request.directory = "/"
        if !input.isEmpty {
            try SystemFiles.writeAtomically(folder + "/input", Array(input.utf8), mode: 0o644)
            request.stdin = .file(folder + "/input", append: false)
        }
        request.stdout = .file(log, append: true)
        request.stderr = .file(log, append: true)
        request.dieWithParent = true
        let process = try ManagedProcess.start(request)
        do {
            let status = try await withDeadline(timeout) { try await process.wait() }
            return Output(status: status, text: LogTail.read(log))
        } catch {
            await process.stop([])
            throw error
        }
    }
}

/// The end of a log file, for messages.
package enum LogTail {
    /// The last `lines` lines of the last 64 KiB; empty when the file cannot be read.
    package static func read(_ path: String, lines: Int = 20) -> String {
        guard let bytes = try? SystemFiles.read(path) else { return "" }
        let text = String(decoding: bytes.suffix(65_536), as: UTF8.self)
        return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }
}
