import EventLoop
import LinuxSystem
import Testing

/// A Python with the pinned client libraries, made once and kept outside of the checkout.
///
/// `${XDG_CACHE_HOME:-~/.cache}/chaos-tests/python-<hash of the pins>`: made anew when the pins
/// change. Libraries come through the user's own pip with the user's own settings.
struct PythonEnvironment: Sendable {
    /// What `prepare` found.
    enum Outcome: Sendable {
        case ready(PythonEnvironment)
        /// Why there is none: pip's or venv's own words.
        case unavailable(String)
    }

    /// The interpreter.
    let python: String

    static let scripts = "\(Program.root)/Tests/EndToEndTests/Clients/Python"

    /// The environment of the pins; installs it when it is not there.
    static func prepare(_ program: Program) async throws -> Outcome {
        let pins = try SystemFiles.read("\(scripts)/requirements.txt")
        let folder = "\(cache)/python-\(String(hash(pins), radix: 16))"
        try SystemFiles.createDirectory(folder, mode: 0o755, parents: true)
        let lock = try await lock("\(folder)/lock")
        defer { lock.remove() }
        let environment = PythonEnvironment(python: "\(folder)/venv/bin/python3")
        // A dangling link is what an upgrade of Python leaves of the old interpreter.
        if SystemFiles.exists("\(folder)/complete"), SystemFiles.exists(environment.python) {
            return .ready(environment)
        }
        if SystemFiles.exists("\(folder)/venv") { try SystemFiles.removeTree("\(folder)/venv") }
        let steps = [
            ["/usr/bin/env", "python3", "-m", "venv", "\(folder)/venv"],
            [
                environment.python, "-m", "pip", "install", "--quiet", "--no-input", "--retries",
                "1", "--timeout", "20", "--disable-pip-version-check", "--requirement",
                "\(scripts)/requirements.txt",
            ],
        ]
        for (number, words) in steps.enumerated() {
            let (status, said) = try await run(words, program, name: "python-setup-\(number)")
            guard status == 0 else {
                return .unavailable("'\(words.joined(separator: " "))' exited \(status): \(said)")
            }
        }
        try SystemFiles.writeAtomically("\(folder)/complete", [], mode: 0o644)
        return .ready(environment)
    }

    /// Runs a script of ours; its exit status and what it said.
    func run(_ script: String, _ arguments: [String], _ program: Program) async throws -> (
        status: Int32, said: String
    ) {
        let words = [python, "-B", "\(Self.scripts)/\(script)"] + arguments
        return try await Self.run(words, program, name: script)
    }

    private static func run(
        _ words: [String],
        _ program: Program,
        name: String
    ) async throws -> (status: Int32, said: String) {
        let output = "\(program.directory)/\(name).log"
        let status = try await onLoop {
            var request = SpawnRequest(executable: words[0], arguments: Array(words.dropFirst()))
            request.stdout = .file(output, append: true)
            request.stderr = .file(output, append: true)
            request.dieWithParent = true
            return try await withDeadline(.seconds(300)) {
                try await ChildProcess.spawn(request).wait()
            }
        }
        return (status.shellStatus, String(try program.text(output).suffix(2_000)))
    }

    private static var cache: String {
        let home = Environment.get("HOME") ?? "/tmp"
        return (Environment.get("XDG_CACHE_HOME") ?? "\(home)/.cache") + "/chaos-tests"
    }

    private static func lock(_ path: String) async throws -> FileLock {
        try await onLoop {
            // Another test run may be installing: as long as that may take.
            try await withDeadline(.seconds(600)) {
                while true {
                    if let lock = try FileLock.take(path) { return lock }
                    try await Loop.current?.sleep(for: .milliseconds(200))
                }
            }
        }
    }

    /// FNV-1a.
    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
