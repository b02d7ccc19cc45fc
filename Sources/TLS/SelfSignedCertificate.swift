internal import COpenSSL
internal import Glibc

/// A key (EC, P-256) and a certificate that it signed itself, made on the spot, valid for a year.
@safe
package final class SelfSignedCertificate {
    private let key: OpaquePointer
    private let certificate: OpaquePointer

    /// A year of validity, seconds; and a clock that is a day behind is forgiven.
    private static let validity = 365 * 86_400
    private static let clockSkew = 86_400

    /// Makes one for a host name.
    ///
    /// Throws `TLSError` when OpenSSL fails (no memory, no randomness).
    package init(name: String) throws(TLSError) {
        let failure = "OpenSSL makes no certificate for \(name)"
        guard let key = unsafe copenssl_new_key() else {
            throw TLSError(what: failure, remedy: "Check OpenSSL's configuration.")
        }
        guard let certificate = unsafe X509_new() else {
            unsafe EVP_PKEY_free(key)
            throw TLSError(what: failure, remedy: "Free some memory.")
        }
        unsafe self.key = unsafe key
        unsafe self.certificate = unsafe certificate
        unsafe X509_set_version(certificate, 2)
        unsafe ASN1_INTEGER_set(
            X509_get_serialNumber(certificate),
            Int.random(in: 1...Int(Int32.max))
        )
        unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), -SelfSignedCertificate.clockSkew)
        unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), SelfSignedCertificate.validity)
        unsafe X509_set_pubkey(certificate, key)
        let subject = unsafe X509_get_subject_name(certificate)
        let isNamed = unsafe X509_NAME_add_entry_by_txt(
            subject,
            "CN",
            0x1000 | 1,  // MBSTRING_UTF8, a macro that Swift does not see
            name,
            -1,
            -1,
            0
        )
        unsafe X509_set_issuer_name(certificate, subject)
        guard isNamed == 1, addAlternativeName(name),
            unsafe X509_sign(certificate, key, EVP_sha256()) > 0
        else {
            throw TLSError(what: failure, remedy: "Use a host name of at most 64 characters.")
        }
    }

    deinit {
        unsafe X509_free(certificate)
        unsafe EVP_PKEY_free(key)
    }

    /// Clients look at the alternative names only.
    private func addAlternativeName(_ name: String) -> Bool {
        let isAddress = name.allSatisfy { $0.isNumber || $0 == "." } || name.contains(":")
        let text = (isAddress ? "IP:" : "DNS:") + name
        guard
            let alternative = unsafe X509V3_EXT_conf_nid(nil, nil, NID_subject_alt_name, text)
        else { return false }
        defer { unsafe X509_EXTENSION_free(alternative) }
        return unsafe X509_add_ext(certificate, alternative, -1) == 1
    }

    func install(in context: TLSContext) throws(TLSError) {
        let pointer = unsafe context.pointer
        guard unsafe SSL_CTX_use_certificate(pointer, certificate) == 1,
            unsafe SSL_CTX_use_PrivateKey(pointer, key) == 1
        else {
            throw TLSError(
                what: "OpenSSL refuses its own certificate",
                remedy: "Check OpenSSL's configuration."
            )
        }
    }

    /// The certificate in PEM, which also serves as the file of authorities of a client.
    package var certificatePEM: [UInt8] {
        unsafe SelfSignedCertificate.text { bio in unsafe PEM_write_bio_X509(bio, certificate) }
    }

    /// The key in PEM, unencrypted.
    package var keyPEM: [UInt8] {
        unsafe SelfSignedCertificate.text { bio in
            unsafe PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil)
        }
    }

    private static func text(_ write: (OpaquePointer) -> Int32) -> [UInt8] {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return [] }
        defer { unsafe BIO_free(bio) }
        guard unsafe write(bio) == 1 else { return [] }
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe copenssl_memory(bio, &start)
        guard let bytes = unsafe start else { return [] }
        return (0..<count).map { unsafe UInt8(bitPattern: bytes[$0]) }
    }
}
