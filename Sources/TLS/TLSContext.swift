internal import COpenSSL

/// What the TLS sessions of one side of a link share.
// Unchecked: OpenSSL counts references to a context atomically, and nothing changes it after init.
@safe
package final class TLSContext: @unchecked Sendable {
    /// Which part of the handshake its sessions take.
    package enum Role: Sendable {
        /// Shows a certificate.
        case server
        /// Checks the peer's certificate for this name or, with `nil`, takes any.
        case client(checkedName: String?)
    }

    let role: Role
    let pointer: OpaquePointer

    private init(role: Role) throws(TLSError) {
        let method =
            if case .server = role { unsafe TLS_server_method() } else {
                unsafe TLS_client_method()
            }
        guard let context = unsafe SSL_CTX_new(method) else {
            throw TLSError(what: "OpenSSL gives no TLS context", remedy: "Free some memory.")
        }
        self.role = role
        unsafe pointer = unsafe context
        _ = unsafe copenssl_min_version_12(context)
        unsafe copenssl_modes(context)
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
    }

    /// Shows the certificate chain of a PEM file, whose key is in another.
    ///
    /// Throws `TLSError` when a file cannot be read or the two do not belong together.
    package static func server(
        certificateFile: String,
        keyFile: String
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(role: .server)
        let pointer = unsafe context.pointer
        guard unsafe SSL_CTX_use_certificate_chain_file(pointer, certificateFile) == 1 else {
            throw TLSError(
                what: "The certificate file \(certificateFile) cannot be used",
                remedy: "Name a PEM file with the certificate first."
            )
        }
        guard unsafe SSL_CTX_use_PrivateKey_file(pointer, keyFile, SSL_FILETYPE_PEM) == 1 else {
            throw TLSError(
                what: "The key file \(keyFile) cannot be used",
                remedy: "Name a PEM file with the unencrypted key of \(certificateFile)."
            )
        }
        return context
    }

    /// Shows a certificate that was made on the spot; nobody can check it.
    ///
    /// Throws `TLSError` when OpenSSL makes none.
    package static func server(selfSigned certificate: SelfSignedCertificate) throws(TLSError)
        -> TLSContext
    {
        let context = try TLSContext(role: .server)
        try certificate.install(in: context)
        return context
    }

    /// Dials: checks the peer's certificate against a PEM file of authorities, the system's with
    /// `nil`; does not check when no name is given.
    ///
    /// Throws `TLSError` when the file cannot be read.
    package static func client(
        checkedName: String?,
        authorityFile: String? = nil
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(role: .client(checkedName: checkedName))
        let pointer = unsafe context.pointer
        guard checkedName != nil else { return context }
        unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        if let authorityFile {
            guard unsafe SSL_CTX_load_verify_file(pointer, authorityFile) == 1 else {
                throw TLSError(
                    what: "The file of authorities \(authorityFile) cannot be used",
                    remedy: "Name a PEM file with at least one certificate."
                )
            }
        } else {
            _ = unsafe SSL_CTX_set_default_verify_paths(pointer)
        }
        return context
    }
}
