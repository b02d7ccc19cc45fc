import ChaosModel

extension ToxicType {
    /// `http_lose_response`: the server acts and answers; the client's connection breaks (RST)
    /// instead, so that it cannot know.
    static let httpLoseResponse = ToxicType("http_lose_response", needs: .http) { _ in
        .loseResponse
    }
}
