internal import CNetlink

/// The requests about interfaces, byte for byte.
enum LinkMessages {
    static func list() -> NetlinkMessage {
        let message = NetlinkMessage(Int(RTM_GETLINK), flags: NLM_F_DUMP)
        message.append(ifinfomsg())
        return message
    }

    static func add(_ kind: LinkKind, name: String, group: UInt32, isUp: Bool) -> NetlinkMessage {
        let message = NetlinkMessage(Int(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL)
        message.append(header(index: 0, isUp: isUp))
        message.put(Int(IFLA_IFNAME), text: name)
        if group != 0 { message.put(Int(IFLA_GROUP), group) }
        message.nest(Int(IFLA_LINKINFO)) {
            message.put(Int(IFLA_INFO_KIND), text: kind.word)
            guard case .veth(let peer, let namespace) = kind else { return }
            message.nest(Int(IFLA_INFO_DATA)) {
                message.nest(Int(VETH_INFO_PEER)) {
                    // An end cannot be up before there is another.
                    message.append(header(index: 0, isUp: false))
                    message.put(Int(IFLA_IFNAME), text: peer)
                    if let namespace { message.put(Int(IFLA_NET_NS_FD), namespace) }
                }
            }
        }
        return message
    }

    static func delete(_ index: Int32) -> NetlinkMessage {
        let message = NetlinkMessage(Int(RTM_DELLINK))
        message.append(header(index: index, isUp: false))
        return message
    }

    static func set(_ index: Int32, isUp: Bool) -> NetlinkMessage {
        let message = NetlinkMessage(Int(RTM_NEWLINK))
        var head = header(index: index, isUp: isUp)
        head.ifi_change = Link.upFlag
        message.append(head)
        return message
    }

    static func address(_ address: AddressRange, _ index: Int32) -> NetlinkMessage {
        let message = NetlinkMessage(Int(RTM_NEWADDR), flags: NLM_F_CREATE | NLM_F_EXCL)
        var head = ifaddrmsg()
        head.ifa_family = UInt8(address.isIPv6 ? AF_INET6 : AF_INET)
        head.ifa_prefixlen = UInt8(address.prefix)
        // A tentative IPv6 address cannot be used for a second: nobody else can have it here.
        if address.isIPv6 { head.ifa_flags = UInt8(IFA_F_NODAD) }
        head.ifa_index = UInt32(index)
        message.append(head)
        message.put(Int(IFA_LOCAL), bytes: address.bytes)
        message.put(Int(IFA_ADDRESS), bytes: address.bytes)
        return message
    }

    private static func header(index: Int32, isUp: Bool) -> ifinfomsg {
        var head = ifinfomsg()
        head.ifi_index = index
        if isUp {
            head.ifi_flags = Link.upFlag
            head.ifi_change = Link.upFlag
        }
        return head
    }
}
