extension ToxicType {
    /// `syn_blackhole`: connects hang, as with a host that vanished; open connections live on.
    ///
    /// The queue of the listening socket is kept full, so the kernel drops every SYN. It has no
    /// direction and hits all clients; a toxicity of 0 switches it off. A hit is a dropped SYN.
    static let synBlackhole = ToxicType(listener: "syn_blackhole")
}
