import TLS

/// How a link is encrypted on its two sides; `nil` everywhere is a link that passes TLS through.
struct LinkSecurity: Sendable {
    /// Shown to clients; `nil`: they talk in the clear.
    let client: TLSContext?
    /// Towards the server; `nil`: in the clear.
    let server: TLSContext?
    /// What the server is asked for (SNI).
    let serverName: String?
    /// Whether both sides negotiate before they encrypt, as PostgreSQL does.
    let asksFirst: Bool

    /// The channel towards a client; `nil` when none is needed.
    func clientChannel(_ link: LinkPort) throws(TLSError) -> SecureChannel? {
        // A client that asks must be answered even when only the server's side is encrypted: the
        // question must not reach a session that is encrypted already.
        guard client != nil || asksFirst else { return nil }
        return try SecureChannel(
            client: client,
            asksFirst: asksFirst,
            scratch: link.buffer,
            share: link.share
        )
    }

    /// The channel towards the server; `nil` when none is needed.
    func serverChannel(_ link: LinkPort) throws(TLSError) -> SecureChannel? {
        guard let server else { return nil }
        return try SecureChannel(
            server: server,
            name: serverName,
            asksFirst: asksFirst,
            scratch: link.buffer,
            share: link.share
        )
    }
}
