internal import COpenSSL

/// One side of one TLS connection, as bytes in and bytes out.
///
/// Confined to one thread. `read` and `write` also carry on the handshake: after each call take the
/// ciphertext that it made.
@safe
package final class TLSSession {
    /// What a call gave.
    package enum Outcome: Sendable, Equatable {
        /// That many bytes, more than 0.
        case moved(Int)
        /// Nothing before more ciphertext comes.
        case wantsInput
        /// The peer said goodbye: nothing follows.
        case ended
        /// The connection is no use any more; an alert for the peer may wait to be taken.
        case failed(TLSError)
    }

    private let session: OpaquePointer
    /// Owned by the session.
    private let input: OpaquePointer
    private let output: OpaquePointer
    /// Kept, as the session uses it.
    private let context: TLSContext
    private var hasFailed = false

    /// Begins; a client's first message waits to be taken after the first `read`.
    ///
    /// - Parameters:
    ///   - context: Also decides which part of the handshake is taken.
    ///   - serverName: What a client asks for (SNI).
    /// - Throws: `TLSError` when there is no memory.
    package init(context: TLSContext, serverName: String? = nil) throws(TLSError) {
        self.context = context
        guard let session = unsafe SSL_new(context.pointer),
            let input = unsafe BIO_new(BIO_s_mem()),
            let output = unsafe BIO_new(BIO_s_mem())
        else {
            throw TLSError(what: "OpenSSL gives no session", remedy: "Free some memory.")
        }
        unsafe self.session = unsafe session
        unsafe self.input = unsafe input
        unsafe self.output = unsafe output
        unsafe SSL_set_bio(session, input, output)
        switch context.role {
        case .server: unsafe SSL_set_accept_state(session)
        case .client(let checkedName):
            unsafe SSL_set_connect_state(session)
            if let name = checkedName ?? serverName, !TLSSession.isAddress(name) {
                _ = unsafe copenssl_server_name(session, name)
            }
            if let checkedName { setChecked(checkedName) }
        }
    }

    deinit {
        unsafe SSL_free(session)
    }

    private func setChecked(_ name: String) {
        if TLSSession.isAddress(name) {
            _ = unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name)
        } else {
            _ = unsafe SSL_set1_host(session, name)
        }
    }

    private static func isAddress(_ name: String) -> Bool {
        name.contains(":") || name.allSatisfy { $0.isNumber || $0 == "." }
    }

    /// Whether both sides have agreed.
    package var isEstablished: Bool { unsafe SSL_is_init_finished(session) == 1 }
    /// The ciphertext that waits to be taken, bytes.
    package var outputCount: Int { unsafe copenssl_pending(output) }
    /// The ciphertext that was fed and not yet looked at, bytes.
    package var inputCount: Int { unsafe copenssl_pending(input) }
    /// `TLSv1.3` and the like.
    package var version: String { unsafe String(cString: SSL_get_version(session)) }

    /// Takes ciphertext of the peer.
    @unsafe
    package func feed(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset < bytes.count, let base = bytes.baseAddress {
            let count = Int32(clamping: bytes.count - offset)
            let taken = unsafe BIO_write(input, base + offset, count)
            // A memory BIO takes everything or has no memory: then the next read fails.
            guard taken > 0 else { return }
            offset += Int(taken)
        }
    }

    /// Reads plaintext, as much as fits and is there.
    @unsafe
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        guard !hasFailed else { return .ended }
        var filled = 0
        while filled < buffer.count, let base = buffer.baseAddress {
            ERR_clear_error()
            var count = 0
            let status = unsafe SSL_read_ex(session, base + filled, buffer.count - filled, &count)
            if status == 1 {
                filled += count
                continue
            }
            // What was read comes first; the reason will be there again at the next call.
            if filled > 0 { break }
            return failure(status)
        }
        return .moved(filled)
    }

    /// Encrypts plaintext; before the handshake is over nothing is taken.
    @unsafe
    package func write(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        guard !hasFailed else { return .ended }
        var written = 0
        while written < bytes.count, let base = bytes.baseAddress {
            ERR_clear_error()
            var count = 0
            let status = unsafe SSL_write_ex(
                session,
                base + written,
                bytes.count - written,
                &count
            )
            if status == 1 {
                written += count
                continue
            }
            if written > 0 { break }
            return failure(status)
        }
        return .moved(written)
    }

    /// Moves ciphertext for the peer into a buffer; returns how much.
    @unsafe
    package func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let room = Int32(clamping: buffer.count)
        guard room > 0, outputCount > 0 else { return 0 }
        return max(0, Int(unsafe BIO_read(output, buffer.baseAddress, room)))
    }

    /// Says goodbye (`close_notify`); reading goes on.
    package func end() {
        guard !hasFailed, isEstablished else { return }
        ERR_clear_error()
        _ = unsafe SSL_shutdown(session)
        ERR_clear_error()
    }

    private func failure(_ status: Int32) -> Outcome {
        switch unsafe SSL_get_error(session, status) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wantsInput
        case SSL_ERROR_ZERO_RETURN: return .ended
        default:
            hasFailed = true
            let what = isEstablished ? "The TLS session broke" : "The TLS handshake failed"
            let check = unsafe SSL_get_verify_result(session)
            guard check == Int(X509_V_OK) else {
                _ = TLSError.takeReason()
                let reason = unsafe String(cString: X509_verify_cert_error_string(check))
                return .failed(
                    TLSError("\(what): \(reason). Give the authority that signed the certificate.")
                )
            }
            return .failed(
                TLSError(what: what, remedy: "Check that both sides speak TLS 1.2 or 1.3.")
            )
        }
    }
}
