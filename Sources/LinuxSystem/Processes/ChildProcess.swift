internal import CLinux
package import EventLoop
internal import Glibc

/// A process that we started; reaped through its pidfd, on the loop.
// Unchecked: after `spawn` its members are constants, except the status, which only `wait` on the
// loop writes.
package final class ChildProcess: @unchecked Sendable {
    package let pid: Int32
    /// Ours to write, with `.pipe`.
    package let stdinStream: Stream?
    /// Ours to read, with `.pipe`.
    package let stdoutStream: Stream?
    package let stderrStream: Stream?
    private let pidfd: Int32
    private var status: ExitStatus?
    private var waiting: Task<Void, any Error>?

    /// Starts a process; on a loop.
    ///
    /// Throws `SystemError` that names the failed step (`execve`, `chdir`, `setuid`, …); no process
    /// is left then.
    package static func spawn(_ request: SpawnRequest) throws -> ChildProcess {
        guard let loop = Loop.current else { preconditionFailure("spawn is called on a loop") }
        var plumbing = Plumbing()
        defer { plumbing.closeTheirs() }
        do {
            let input = try plumbing.open(request.stdin, number: 0)
            let output = try plumbing.open(request.stdout, number: 1)
            let error = try plumbing.open(request.stderr, number: 2)
            let pid = try start(request, input, output, error)
            return try ChildProcess(pid: pid, ours: plumbing.ours, loop: loop)
        } catch {
            plumbing.closeOurs()
            throw error
        }
    }

    private init(pid: Int32, ours: [Int: Int32], loop: Loop) throws {
        self.pid = pid
        pidfd = try SystemError.check(
            clinux_pidfd_open(pid),
            call: "pidfd_open",
            object: "process \(pid)"
        )
        func stream(_ number: Int) throws -> Stream? {
            try ours[number].map { try Stream(adopting: $0, loop: loop) }
        }
        stdinStream = try stream(0)
        stdoutStream = try stream(1)
        stderrStream = try stream(2)
        try loop.attach(pidfd)
    }

    deinit {
        guard let loop = Loop.current else {
            close(pidfd)
            return
        }
        loop.detach(pidfd)
        close(pidfd)
    }

    /// Waits for the end; may be called several times, one at a time; on the loop.
    ///
    /// Throws `CancellationError`; the process goes on then.
    package func wait() async throws -> ExitStatus {
        guard let loop = Loop.current else { preconditionFailure("wait is called on a loop") }
        while true {
            if let status { return status }
            var value: Int32 = 0
            let kind = unsafe clinux_reap(pid, &value)
            switch kind {
            case 0: try await loop.readable(pidfd)
            case 1: status = .exited(value)
            case 2: status = .signalled(value)
            default:
                throw SystemError(call: "waitpid", object: "process \(pid)", code: -kind)
            }
        }
    }

    /// Sends a signal; harmless when it has ended.
    package func signal(_ number: Int32) {
        guard status == nil else { return }
        kill(pid, number)
    }

    /// Sends a signal to its whole process group; only with `newSession`.
    package func signalGroup(_ number: Int32) {
        kill(-pid, number)
    }

    private static func start(
        _ request: SpawnRequest,
        _ input: Int32,
        _ output: Int32,
        _ error: Int32
    ) throws(SystemError) -> Int32 {
        let arguments = CStrings([request.executable] + request.arguments)
        let environment = CStrings(request.environment ?? Environment.all())
        var native = unsafe clinux_spawn()
        unsafe native.input = input
        unsafe native.output = output
        unsafe native.error = error
        if let user = request.user {
            unsafe native.change_user = 1
            unsafe native.user = user.uid
            unsafe native.group = user.gid
        }
        unsafe native.new_session = request.newSession ? 1 : 0
        unsafe native.death_signal = request.dieWithParent ? request.deathSignal : 0
        unsafe native.open_files = request.openFileLimit ?? 0
        var step: UnsafePointer<CChar>?
        let executable = CStrings([request.executable])
        let directory = CStrings(request.directory.map { [$0] } ?? [])
        unsafe native.executable = UnsafePointer(executable.first)
        unsafe native.directory = directory.first.map { unsafe UnsafePointer($0) }
        unsafe native.arguments = UnsafePointer(arguments.pointers)
        unsafe native.environment = UnsafePointer(environment.pointers)
        let pid = withExtendedLifetime((arguments, environment, executable, directory)) {
            unsafe clinux_spawn(&native, &step)
        }
        guard pid < 0 else { return pid }
        let name = unsafe step.map { unsafe String(cString: $0) } ?? "spawn"
        let object = name == "chdir" ? request.directory ?? "" : request.executable
        throw SystemError(call: "starting (\(name))", object: object, code: -pid)
    }
}

/// C strings in an array that ends with NULL, for as long as it lives.
@safe
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        unsafe pointers = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() {
            unsafe pointers[index] = strdup(string)
        }
        unsafe pointers[strings.count] = nil
    }

    var first: UnsafeMutablePointer<CChar>? { unsafe count > 0 ? pointers[0] : nil }

    deinit {
        for index in 0..<count { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
}
