import ChaosModel

extension ToxicType {
    /// `duplicate`: what the client asks is asked twice and the second answer swallowed, in the
    /// protocol that the proxy speaks: `duplicate_statement` or `http_duplicate_request`.
    static let duplicate = ToxicType("duplicate", needs: .postgres, .http) { _ in .duplicate }
}
