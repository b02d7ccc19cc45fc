import ChaosModel
import EventLoop

/// A proxy as its owner knows it; the bytes flow through the `LinkPort` of the same number.
struct ManagedProxy: Sendable {
    /// Which `LinkPort` carries it.
    let number: Int
    let name: String
    /// The actual address while it listens, else what the client asked for.
    var listen: String
    var upstream: String
    var isEnabled = false
    let wireProtocol: SystemDescription.Link.WireProtocol
    /// How its two sides are encrypted; `nil`: TLS passes through.
    let security: SecuritySettings?
    /// What its loops have in common.
    let share: LinkShare
    /// In the order in which they were added.
    var toxics: [ManagedToxic] = []
    /// The lease of `enabled: false`: when it ends, the proxy is enabled again.
    var lease: Lease?
    /// Connections that were closed because the proxy was disabled.
    var cuts = 0
    /// What its clients get when this process dies.
    var onDeath: OnDeath
}

/// A toxic and its lease.
struct ManagedToxic: Sendable {
    var toxic: Toxic
    var lease: Lease?
}

/// A time after which something undoes itself unless the lease is renewed.
struct Lease: Sendable, Equatable {
    /// Tells a renewed lease from the one that its timer knows.
    let number: Int
    /// Monotonic nanoseconds.
    let expiresAt: Int64

    /// What is left, milliseconds, never below 0.
    func remaining(now: Int64) -> Int64 {
        max(0, expiresAt - now) / 1_000_000
    }
}

/// Whose lease it is.
struct LeaseHolder: Sendable, Hashable {
    let proxy: String
    /// `nil`: the lease of the proxy's `enabled: false`.
    let toxic: String?
}

/// What a client asks of a proxy; `nil` where it said nothing.
struct ProxyRequest: Sendable {
    var name: String?
    var listen: String?
    var upstream: String?
    var isEnabled: Bool?
    var wireProtocol: SystemDescription.Link.WireProtocol?
    /// How its two sides are encrypted.
    var security: SecuritySettings?
    /// How long `enabled: false` lasts, milliseconds.
    var ttl: Int64?
    /// The toxics that a new proxy has before it accepts its first connection.
    var toxics: [ToxicRequest] = []
    /// What its clients get when this process dies.
    var onDeath: OnDeath?

    /// The address that must be known to create it; `nil` when it does not listen.
    var wantedListen: String? { isEnabled ?? true ? listen ?? "" : listen }
}

/// What a client asks of a toxic; `nil` where it said nothing.
struct ToxicRequest: Sendable {
    var name: String?
    var type: String?
    var stream: String?
    var toxicity: Float?
    var attributes = Attributes.none
    var match: ToxicMatch?
    /// The seed of its dice.
    var seed: Int64?
    /// How long the toxic stays unless renewed, milliseconds.
    var ttl: Int64?

    /// The attributes that a client gave.
    enum Attributes: Sendable, Equatable {
        case none
        /// As written: which there are is known when the type is.
        case unread(GoValue)
        /// By field; what is missing stays as it is.
        case read([String: Int64], texts: [String: String] = [:])
    }
}
