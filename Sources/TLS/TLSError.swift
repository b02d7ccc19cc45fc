internal import COpenSSL

/// TLS failed: what, where, why in OpenSSL's words, and what to do.
package struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// Takes the reason from OpenSSL's queue of errors of this thread, which is empty afterwards.
    init(what: String, remedy: String) {
        let reason = TLSError.takeReason()
        description = "\(what): \(reason ?? "no reason given"). \(remedy)"
    }

    /// The first error in the queue; the rest is dropped.
    static func takeReason() -> String? {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return nil }
        return unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) }
            ?? "error \(code)"
    }
}
