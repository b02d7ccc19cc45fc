import LinuxSystem

/// Where a RabbitMQ installation's programs are.
package struct RabbitBinaries: Sendable, Hashable {
    /// The script that becomes the Erlang machine.
    package var server: String
    /// The daemon that tells Erlang machines each other's ports.
    package var epmd: String

    /// Whether the programs are there; tests that need them are skipped otherwise.
    package static var areInstalled: Bool { (try? find()) != nil }

    /// Finds the programs: `$RABBITMQ_BINDIR` or Debian's folder, and epmd in `$PATH`.
    ///
    /// Throws `.missing` with what to install.
    package static func find() throws -> RabbitBinaries {
        let folder = Environment.get("RABBITMQ_BINDIR") ?? "/usr/lib/rabbitmq/bin"
        let server = folder + "/rabbitmq-server"
        guard SystemFiles.exists(server), let epmd = SearchPath.program("epmd") else {
            throw RabbitServerError(
                .missing,
                "no rabbitmq-server in \(folder), or no epmd. Install RabbitMQ (Debian: apt-get "
                    + "install rabbitmq-server) or name its folder in RABBITMQ_BINDIR."
            )
        }
        return RabbitBinaries(server: server, epmd: epmd)
    }
}

/// Why a throwaway RabbitMQ could not be made or started.
package struct RabbitServerError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// No RabbitMQ was found.
        case missing
        /// A program failed.
        case program
        /// A node did not answer in time.
        case timeout
    }

    package var code: Code
    /// What went wrong, where, and what to do.
    package var message: String
    /// The end of the failed program's output, empty when there is none.
    package var log: String

    package init(_ code: Code, _ message: String, log: String = "") {
        self.code = code
        self.message = message
        self.log = log
    }

    /// Whether other ports would help.
    var isOfPorts: Bool { code == .program && log.contains("eaddrinuse") }

    package var description: String { log.isEmpty ? message : "\(message)\n\(log)" }
}
