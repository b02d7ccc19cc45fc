import JSON

/// One thing that happened in the proxy.
struct ProxyEvent: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case proxyCreated = "proxy_created"
        case proxyChanged = "proxy_changed"
        case proxyDeleted = "proxy_deleted"
        case connectionOpened = "connection_opened"
        case connectionClosed = "connection_closed"
        case toxicAdded = "toxic_added"
        case toxicUpdated = "toxic_updated"
        case toxicRemoved = "toxic_removed"
        /// Its lease ended.
        case toxicExpired = "toxic_expired"
        /// The first hit of a toxic on a connection, or one event of a session that it hit.
        case toxicFired = "toxic_fired"
    }

    /// 1, 2, 3 … in the order of what was told; a gap means that a filter left something out.
    let id: UInt64
    let kind: Kind
    /// The name of the proxy.
    let proxy: String
    /// The event as JSON.
    let text: String
}

/// What a listener wants to hear.
struct EventFilter: Sendable {
    /// `nil`: every proxy.
    var proxy: String?
    /// `nil`: every kind.
    var kinds: Set<ProxyEvent.Kind>?

    func accepts(_ kind: ProxyEvent.Kind, of name: String) -> Bool {
        (proxy == nil || proxy == name) && (kinds?.contains(kind) ?? true)
    }
}
