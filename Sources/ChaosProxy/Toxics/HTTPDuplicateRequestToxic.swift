import ChaosModel

extension ToxicType {
    /// `http_duplicate_request`: a request is sent twice and the second response swallowed.
    ///
    /// Only requests of known length up to 64 KiB on a connection that stays open.
    static let httpDuplicateRequest = ToxicType("http_duplicate_request", needs: .http) { _ in
        .duplicate
    }
}
