/// Why a throwaway cluster could not be made, started or stopped.
package struct PostgresServerError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: Sendable {
        /// No PostgreSQL programs were found.
        case missing
        /// The place for the cluster does not do: too long a path, not accessible.
        case place
        /// `initdb`, `cp` or `postgres` failed.
        case program
        /// No port could be had.
        case port
        /// The server did not answer in time.
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

    package var description: String { log.isEmpty ? message : "\(message)\n\(log)" }
}
