import ChaosModel
import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem

/// Runs a program to its end and hands on its status and what it said.
struct ProgramRun: Probe, Action {
    /// How much of each stream is kept; a program that says more fails the step.
    static let outputMax = 16 * 1024 * 1024

    func read(_ context: StepContext) async throws -> JSONValue { try await perform(context) }

    func perform(_ context: StepContext) async throws -> JSONValue {
        let settings = context.settings
        guard let path = settings["path"]?.stringValue, !path.isEmpty else {
            throw ProcessError("there is no program — provider.path. Give a path or a name.")
        }
        let words = try CommandWords(
            executable: try ProgramSearch.find(path),
            arguments: settings["arguments"]
        )
        let timeout = try Timeout.duration(settings["timeout"])
        do {
            return try await Self.run(words, timeout)
        } catch is DeadlineExceeded {
            throw ProcessError(
                "process activity took too long to complete: more than \(timeout.text) — \(path)."
                    + " It was killed with its children. Raise provider.timeout."
            )
        }
    }

    private static func run(_ words: CommandWords, _ timeout: Duration) async throws -> JSONValue {
        var request = SpawnRequest(executable: words.executable, arguments: words.arguments)
        request.stdin = .null
        request.stdout = .pipe
        request.stderr = .pipe
        request.newSession = true
        let child = try ChildProcess.spawn(request)
        do {
            return try await withDeadline(timeout) { try await outcome(of: child) }
        } catch {
            // Also when the run was cancelled: nothing of it may go on.
            child.signalGroup(SIGKILL)
            try? await reap(child)
            throw error
        }
    }

    /// Collects the dead program; its streams close with the last of its group.
    private static func reap(_ child: ChildProcess) async throws {
        guard let loop = Loop.current else { return }
        // Owned by this call, and outside of a cancelled task: a killed process ends at once.
        let task = loop.spawn { try await withDeadline(.seconds(5)) { try await child.wait() } }
        _ = await task.result
        child.stdoutStream?.close()
        child.stderrStream?.close()
    }

    private static func outcome(of child: ChildProcess) async throws -> JSONValue {
        async let output = everything(from: child.stdoutStream, "stdout")
        async let errors = everything(from: child.stderrStream, "stderr")
        let (stdout, stderr) = try await (output, errors)
        let status: Int64 =
            switch try await child.wait() {
            case .exited(let code): Int64(code)
            case .signalled(let number): -Int64(number)
            }
        child.stdoutStream?.close()
        child.stderrStream?.close()
        return [
            "status": .integer(status),
            "stdout": .string(stdout),
            "stderr": .string(stderr),
        ]
    }

    private static func everything(
        from stream: EventLoop.Stream?,
        _ name: String
    ) async throws -> String {
        guard let stream else { preconditionFailure("pipes were asked for") }
        var buffer = ByteBuffer()
        while try await stream.read(into: &buffer, atMost: 65536) > 0 {
            guard buffer.readableBytes <= outputMax else {
                throw ProcessError(
                    "the program wrote more than \(outputMax) bytes — \(name)."
                        + " Send it to a file, or make it say less."
                )
            }
        }
        guard let text = String(validating: buffer.bytes, as: UTF8.self) else {
            throw ProcessError(
                "Failed to decode bytes using encoding 'utf-8' — \(name)."
                    + " Let the program write UTF-8, or pipe it through base64."
            )
        }
        return text
    }
}

extension StepContext {
    /// What the provider says beside its type; arguments that were checked against the schema fill
    /// in.
    var settings: JSONObject {
        if provider["path"] == nil, arguments["path"] != nil { return arguments }
        var settings = provider
        for name in ["path", "arguments", "timeout"] where settings[name] == nil {
            settings[name] = arguments[name]
        }
        return settings
    }
}

/// Looks programs up as a shell does.
enum ProgramSearch {
    /// A path that exists, or the first program of that name in PATH.
    static func find(_ name: String) throws -> String {
        if name.contains("/") {
            if SystemFiles.exists(name) { return SystemFiles.absolute(name) }
        } else {
            let path = Environment.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
            for directory in path.split(separator: ":") {
                let candidate = "\(directory)/\(name)"
                let isProgram =
                    SystemFiles.exists(candidate) && !SystemFiles.isDirectory(candidate)
                if isProgram { return candidate }
            }
        }
        throw ProcessError(
            "path '\(name)' cannot be found — provider.path."
                + " Install the program, or give its whole path."
        )
    }
}
