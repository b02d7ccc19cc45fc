/// A kind of virtual interface that can be made.
package enum LinkKind: Sendable, Hashable {
    /// An intermediate functional block: what is redirected to it leaves it again where it came
    /// from.
    case ifb
    case dummy
    case bridge
    /// A pair: the other end has its own name, is down, and may lie in another namespace, whose
    /// descriptor this is.
    case veth(peer: String, namespace: Int32?)

    /// The kernel's word.
    package var word: String {
        switch self {
        case .ifb: "ifb"
        case .dummy: "dummy"
        case .bridge: "bridge"
        case .veth: "veth"
        }
    }
}
