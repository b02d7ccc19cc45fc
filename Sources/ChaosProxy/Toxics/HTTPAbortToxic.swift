import ChaosModel

extension ToxicType {
    /// `http_abort`: the connection breaks (RST) before a request reaches the server.
    static let httpAbort = ToxicType("http_abort", needs: .http) { _ in .abortRequest }
}
