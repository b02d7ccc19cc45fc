internal import CNetlink

/// The requests about filters, byte for byte.
enum FilterMessages {
    static func list(_ place: FilterPlace) -> NetlinkMessage {
        let message = NetlinkMessage(Int(RTM_GETTFILTER), flags: NLM_F_DUMP)
        message.append(place.header)
        return message
    }

    /// Every filter at once.
    static func deleteAll(_ place: FilterPlace) -> NetlinkMessage {
        let message = NetlinkMessage(Int(RTM_DELTFILTER))
        message.append(place.header)
        return message
    }

    /// A `flower` filter: it reads the packet as the kernel dissected it, options and extension
    /// headers included.
    static func flower(
        _ match: PacketMatch,
        _ action: FilterAction,
        at place: FilterPlace,
        priority: UInt16
    ) -> NetlinkMessage {
        let message = head(place, priority, match.network.rawValue)
        message.put(TCA_KIND, text: "flower")
        message.nest(TCA_OPTIONS) {
            if case .classify(let handle) = action {
                message.put(Int(TCA_FLOWER_CLASSID), handle.rawValue)
            }
            message.put(Int(TCA_FLOWER_KEY_ETH_TYPE), match.network.rawValue.bigEndian)
            if let transport = match.transport {
                message.put(Int(TCA_FLOWER_KEY_IP_PROTO), transport.rawValue)
            }
            addresses(match, message)
            ports(match, message)
            if let type = match.icmpType {
                message.put(Int(TCA_FLOWER_KEY_ICMPV6_TYPE), type)
                message.put(Int(TCA_FLOWER_KEY_ICMPV6_TYPE_MASK), UInt8.max)
            }
            if case .redirect(let index) = action {
                redirect(to: index, Int(TCA_FLOWER_ACT), message)
            }
        }
        return message
    }

    /// A `u32` filter that takes every packet of a network protocol.
    static func everything(
        of network: PacketMatch.Network,
        _ action: FilterAction,
        at place: FilterPlace,
        priority: UInt16
    ) -> NetlinkMessage {
        let message = head(place, priority, network.rawValue)
        message.put(TCA_KIND, text: "u32")
        message.nest(TCA_OPTIONS) {
            if case .classify(let handle) = action {
                message.put(Int(TCA_U32_CLASSID), handle.rawValue)
            }
            if case .redirect(let index) = action {
                redirect(to: index, Int(TCA_U32_ACT), message)
            }
            // One key: 32 bits at offset 0, of which none has to match.
            message.put(Int(TCA_U32_SEL), bytes: selector)
        }
        return message
    }

    /// struct tc_u32_sel with flags TERMINAL and one key: flags, offset shift, keys, …, then the
    /// key.
    private static let selector: [UInt8] = [1, 0, 1, 0] + [UInt8](repeating: 0, count: 28)

    private static func head(
        _ place: FilterPlace,
        _ priority: UInt16,
        _ network: UInt16
    ) -> NetlinkMessage {
        let message = NetlinkMessage(Int(RTM_NEWTFILTER), flags: NLM_F_CREATE | NLM_F_EXCL)
        var head = place.header
        head.tcm_info = UInt32(priority) << 16 | UInt32(network.bigEndian)
        message.append(head)
        return message
    }

    private static func addresses(_ match: PacketMatch, _ message: NetlinkMessage) {
        let isSix = match.network == .ipv6
        if let range = match.source {
            message.put(
                Int(isSix ? TCA_FLOWER_KEY_IPV6_SRC : TCA_FLOWER_KEY_IPV4_SRC),
                bytes: range.bytes
            )
            message.put(
                Int(isSix ? TCA_FLOWER_KEY_IPV6_SRC_MASK : TCA_FLOWER_KEY_IPV4_SRC_MASK),
                bytes: range.mask
            )
        }
        if let range = match.destination {
            message.put(
                Int(isSix ? TCA_FLOWER_KEY_IPV6_DST : TCA_FLOWER_KEY_IPV4_DST),
                bytes: range.bytes
            )
            message.put(
                Int(isSix ? TCA_FLOWER_KEY_IPV6_DST_MASK : TCA_FLOWER_KEY_IPV4_DST_MASK),
                bytes: range.mask
            )
        }
    }

    private static func ports(_ match: PacketMatch, _ message: NetlinkMessage) {
        let isTCP = match.transport == .tcp
        if let port = match.sourcePort {
            let type = isTCP ? TCA_FLOWER_KEY_TCP_SRC : TCA_FLOWER_KEY_UDP_SRC
            message.put(Int(type), port.bigEndian)
        }
        if let port = match.destinationPort {
            let type = isTCP ? TCA_FLOWER_KEY_TCP_DST : TCA_FLOWER_KEY_UDP_DST
            message.put(Int(type), port.bigEndian)
        }
    }

    /// One `mirred` action: out of the other interface, and no further here.
    private static func redirect(to index: Int32, _ attribute: Int, _ message: NetlinkMessage) {
        var options = tc_mirred()
        options.action = TC_ACT_STOLEN
        options.eaction = TCA_EGRESS_REDIR
        options.ifindex = UInt32(index)
        message.nest(attribute) {
            message.nest(1) {
                message.put(Int(TCA_ACT_KIND), text: "mirred")
                message.nest(Int(TCA_ACT_OPTIONS)) {
                    message.put(Int(TCA_MIRRED_PARMS), options)
                }
            }
        }
    }
}
