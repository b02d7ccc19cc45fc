import BundledPlugins
import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import PostgresServer
import RabbitMQServer

/// The doctor's findings; a value that reads as text or JSON.
struct Examination {
    /// One thing that was looked at.
    struct Finding {
        enum State: String { case ok, missing, note }
        var name: String
        var state: State
        var detail: String
        /// What to do; only when something is missing.
        var remedy: String?
    }

    var findings: [Finding]
    /// Each fault by each of its backends, as its plugin found out by trying.
    var faults: [FaultFinding] = []

    /// Whether everything that is needed is there.
    var isHealthy: Bool { !findings.contains { $0.state == .missing } }

    var text: String {
        var lines = findings.flatMap { finding -> [String] in
            let mark =
                switch finding.state {
                case .ok: "ok     "
                case .missing: "MISSING"
                case .note: "note   "
                }
            let head = "\(mark) \(finding.name.padding(to: 20)) \(finding.detail)"
            return [head] + (finding.remedy.map { ["        do: \($0)"] } ?? [])
        }
        lines.append("")
        lines.append("faults of this build, tried on throwaway children and namespaces:")
        lines += FaultFinding.rows(faults)
        lines.append("")
        let missing = findings.count { $0.state == .missing }
        lines.append(
            isHealthy
                ? "The shop can run here: 'chaos run experiments/lost-commit-ack.json' will work."
                : "\(missing) thing\(missing == 1 ? " is" : "s are") missing; "
                    + "'make setup' installs what Debian has."
        )
        return lines.joined(separator: "\n") + "\n"
    }

    var json: JSONValue {
        [
            "ok": .bool(isHealthy),
            "checks": .array(
                findings.map { finding in
                    [
                        "name": .string(finding.name), "state": .string(finding.state.rawValue),
                        "detail": .string(finding.detail),
                        "remedy": finding.remedy.map { .string($0) } ?? .null,
                    ]
                }
            ),
            "faults": .array(faults.map(\.json)),
        ]
    }
}

extension Examination {
    /// Looks at this machine by trying; changes nothing that stays.
    static func ofThisMachine() -> Examination {
        Examination(
            findings: [
                postgres(), rabbit(), account(), state(), openFiles(), loopback(), shop(),
                browser(),
            ]
        )
    }

    private static func postgres() -> Finding {
        do {
            let found = try PostgresBinaries.find()
            return Finding(name: "PostgreSQL", state: .ok, detail: found.directory)
        } catch {
            return Finding(
                name: "PostgreSQL",
                state: .missing,
                detail: "initdb and postgres were not found",
                remedy: "apt-get install postgresql, or set PG_BINDIR to their directory"
            )
        }
    }

    /// Only those who ask for RabbitMQ as the broker need it.
    private static func rabbit() -> Finding {
        let found = try? RabbitBinaries.find()
        return Finding(
            name: "RabbitMQ",
            state: .note,
            detail: found?.server
                ?? "none; only --broker rabbitmq wants it: apt-get install rabbitmq-server"
        )
    }

    private static func account() -> Finding {
        guard UserAccount.isRoot else {
            return Finding(name: "user", state: .ok, detail: "unprivileged, as PostgreSQL wants it")
        }
        guard let account = UserAccount.named("postgres") ?? UserAccount.named("nobody") else {
            return Finding(
                name: "user",
                state: .missing,
                detail: "root, and there is no user to run PostgreSQL as",
                remedy: "adduser --system postgres, or run chaos as an ordinary user"
            )
        }
        return Finding(
            name: "user",
            state: .ok,
            detail: "root; PostgreSQL runs as \(account.name)"
        )
    }

    private static func state() -> Finding {
        let path = StatePaths.root
        do {
            try SystemFiles.createDirectory(path, mode: 0o755, parents: true)
            let trial = "\(path)/doctor-\(ProcessIdentity.current)"
            try SystemFiles.writeAtomically(trial, [], mode: 0o600)
            try SystemFiles.removeTree(trial)
            return Finding(name: "state directory", state: .ok, detail: path)
        } catch {
            return Finding(
                name: "state directory",
                state: .missing,
                detail: "\(error)",
                remedy: "make \(path) writable, or set CHAOS_STATE_DIR to a directory that is"
            )
        }
    }

    private static func openFiles() -> Finding {
        let limit = HostFacts.raiseOpenFileLimit()
        let detail = "\(limit) per process"
        guard limit < 4096 else { return Finding(name: "open files", state: .ok, detail: detail) }
        return Finding(
            name: "open files",
            state: .missing,
            detail: detail,
            remedy: "raise the hard limit to 4096 or more (ulimit -Hn)"
        )
    }

    private static func loopback() -> Finding {
        do {
            let address = try Loop.main { () -> String in
                let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
                defer { listener.close() }
                let stream = try await Stream.connect(to: listener.address, timeout: .seconds(2))
                stream.close()
                return "\(listener.address)"
            }
            return Finding(name: "loopback", state: .ok, detail: "connected through \(address)")
        } catch {
            return Finding(
                name: "loopback",
                state: .missing,
                detail: "\(error)",
                remedy: "bring the loopback interface up (ip link set lo up)"
            )
        }
    }

    private static func shop() -> Finding {
        let path = SystemFiles.parent(of: executablePath()) + "/shop"
        guard SystemFiles.exists(path) else {
            return Finding(
                name: "shop program",
                state: .missing,
                detail: "\(path) is not there",
                remedy: "swift build, or install both programs in one directory"
            )
        }
        return Finding(name: "shop program", state: .ok, detail: path)
    }

    private static func browser() -> Finding {
        let found = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
            .first(where: SystemFiles.exists)
        return Finding(
            name: "browser",
            state: .note,
            detail: found ?? "none; only the report's own browser test wants one"
        )
    }
}
