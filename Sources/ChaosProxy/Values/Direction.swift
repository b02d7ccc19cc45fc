/// Which way bytes travel through a proxy.
enum Direction: String, Sendable, CaseIterable {
    /// From the client to the server.
    case upstream
    /// From the server to the client.
    case downstream
}
