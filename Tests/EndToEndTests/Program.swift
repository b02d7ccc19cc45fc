import EventLoop
import JSON
import LinuxSystem
import Testing

/// Runs the built `chaos` as a user would, in a state directory of its own, and keeps what it said.
// Unchecked: an immutable path; every command runs on a loop of its own.
struct Program: Sendable {
    /// What a finished command left.
    struct Outcome: Sendable {
        var status: Int32
        var answer: String
        var conversation: String
        /// Nanoseconds from the start to the end.
        var elapsed: Int64
    }

    /// State, output and runs of this test.
    let directory: String

    init() throws {
        directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-e2e-")
        try SystemFiles.setMode(directory, 0o711)
    }

    /// The executable beside the test bundle.
    static var executable: String {
        SystemFiles.parent(of: executablePath()) + "/chaos"
    }

    /// The root of the checkout.
    static var root: String {
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    }

    /// Starts a command without waiting for it; on a loop.
    func start(_ words: [String], name: String) throws -> ChildProcess {
        var request = SpawnRequest(executable: Self.executable, arguments: words)
        request.environment =
            Environment.all().filter { !$0.hasPrefix("CHAOS_STATE_DIR=") }
            + ["CHAOS_STATE_DIR=\(directory)/state", "COLUMNS=80", "NO_COLOR=1"]
        request.directory = Self.root
        request.stdout = .file("\(directory)/\(name).out", append: false)
        request.stderr = .file("\(directory)/\(name).err", append: false)
        request.newSession = true
        return try ChildProcess.spawn(request)
    }

    /// Runs a command to its end.
    func run(_ words: String...) async throws -> Outcome {
        try await run(words)
    }

    /// Runs a command to its end.
    func run(_ words: [String]) async throws -> Outcome {
        let name = "command-\(UInt32.random(in: 0 ... .max))"
        let begin = Loop.monotonicNanoseconds()
        let status = try await onLoop { try await start(words, name: name).wait() }
        return Outcome(
            status: status.shellStatus,
            answer: try text("\(name).out"),
            conversation: try text("\(name).err"),
            elapsed: Loop.monotonicNanoseconds() - begin
        )
    }

    /// Runs an experiment of the checkout and returns its outcome with the directory of the run.
    ///
    /// A run whose load generator was itself late proves nothing, and says so: it is repeated once,
    /// as `chaos gate` repeats it.
    func experiment(_ path: String, _ more: String...) async throws -> (Outcome, run: String) {
        let words = ["run", path, "--output", "\(directory)/runs"] + more
        var outcome = try await run(words)
        if outcome.status == 2, outcome.answer.contains("Blind observer") {
            outcome = try await run(words)
        }
        return (outcome, try latestRun())
    }

    /// The directory of the only experiment's latest run.
    func latestRun() throws -> String {
        let experiments = try SystemFiles.list("\(directory)/runs")
        return "\(directory)/runs/\(try #require(experiments.first))/latest"
    }

    /// The text of a file, relative to this test's directory unless absolute.
    func text(_ path: String) throws -> String {
        let whole = path.hasPrefix("/") ? path : "\(directory)/\(path)"
        return String(decoding: try SystemFiles.read(whole), as: UTF8.self)
    }

    /// The lines of a journal as JSON.
    func journal(_ run: String) throws -> [JSONValue] {
        try text("\(run)/journal.jsonl").split(separator: "\n").map {
            try JSONValue.parse(String($0))
        }
    }

    /// Stops what is left of this test and removes its directory.
    func finish() async throws {
        _ = try await run("recover")
        _ = try await run("shop", "down")
        try SystemFiles.removeTree(directory)
    }
}

/// Runs a body on a fresh loop of its own.
func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let loop = try Loop.start(label: "end-to-end")
    defer { loop.stop() }
    return try await loop.spawn(body).value
}

/// Gives a test its own `Program` and cleans up after it on every exit.
func withProgram(_ body: (Program) async throws -> Void) async throws {
    let program = try Program()
    do {
        try await body(program)
    } catch {
        try? await program.finish()
        throw error
    }
    try await program.finish()
}

/// Looks until a fact is true; fails after the limit.
func eventually(
    within limit: Duration,
    _ fact: @escaping @Sendable () throws -> Bool
) async throws -> Bool {
    try await onLoop {
        let deadline = Loop.monotonicNanoseconds() + limit.nanosecondsClamped
        while Loop.monotonicNanoseconds() < deadline {
            if try fact() { return true }
            try await Loop.current?.sleep(for: .milliseconds(20))
        }
        return try fact()
    }
}
