/// What a child process shall be: its program, its surroundings, and what happens to it when we
/// die.
package struct SpawnRequest: Sendable {
    /// Where one of the standard streams leads.
    package enum Standard: Sendable, Equatable {
        case inherit
        /// Reads end of file; writes vanish.
        case null
        /// Made when missing (mode 0644); truncated unless `append`.
        case file(_ path: String, append: Bool)
        /// To us: `ChildProcess.stdinStream`, `.stdoutStream`, `.stderrStream`.
        case pipe
        /// A descriptor of ours; it stays open here.
        case descriptor(Int32)
    }

    /// A path; it is not looked up in PATH.
    package var executable: String
    /// Without the program's own name.
    package var arguments: [String]
    /// `NAME=VALUE` lines; `nil` inherits.
    package var environment: [String]?
    package var directory: String?
    /// Run as this user (root only); supplementary groups are dropped.
    package var user: (uid: UInt32, gid: UInt32)?
    package var stdin: Standard = .null
    package var stdout: Standard = .inherit
    package var stderr: Standard = .inherit
    /// A session and process group of its own: signals of our terminal do not reach it.
    package var newSession = false
    /// The kernel kills it (SIGKILL) when the *thread* that spawned it dies: spawn from one that
    /// lives as long as we do.
    package var dieWithParent = false
    /// The signal of `dieWithParent`: 9 unless a program must clean up, as PostgreSQL does on 3.
    package var deathSignal: Int32 = 9
    /// The network namespace in which it runs (root only).
    package var network = NetworkNamespace.current
    /// RLIMIT_NOFILE, soft and hard; `nil` inherits.
    package var openFileLimit: Int?

    package init(executable: String, arguments: [String] = []) {
        self.executable = executable
        self.arguments = arguments
    }
}

/// How a process ended.
package enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    /// As a shell would tell it: the status, or 128 + the signal.
    package var shellStatus: Int32 {
        switch self {
        case .exited(let status): status
        case .signalled(let signal): 128 + signal
        }
    }

    package var description: String {
        switch self {
        case .exited(let status): "status \(status)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}
