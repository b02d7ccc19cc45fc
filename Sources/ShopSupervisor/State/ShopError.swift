package import ChaosModel

/// Why a shop could not be started, stopped or looked at.
package struct ShopError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: Sendable, Equatable {
        /// Not a name for a shop.
        case name
        /// A shop of that name runs already; `running` describes it when it is ready.
        case alreadyRunning
        /// What `down --keep` left cannot be gone on with in this way; it is still there.
        case kept
        /// Something did not start; `log` holds the end of its output.
        case start
        /// Something did not stop.
        case stop
        /// The files that tell about the shop cannot be read or written.
        case state
    }

    package var code: Code
    /// What went wrong, where, and what to do.
    package var message: String
    /// The end of the relevant log, empty when there is none.
    package var log = ""
    /// The shop that runs already.
    package var running: SystemDescription?

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether somebody else took a port between its choice and its use, in the words of the
    /// services or of the proxy.
    var saysPortTaken: Bool {
        ["EADDRINUSE", "address already in use"].contains { log.contains($0) }
    }

    package var description: String { log.isEmpty ? message : "\(message)\n\(log)" }
}
