internal import CNetlink

extension RouteSocket {
    /// Makes an interface a port of a bridge.
    ///
    /// - Throws: `NetlinkError`.
    package func join(_ index: Int32, toBridge bridge: Int32) throws(NetlinkError) {
        let message = NetlinkMessage(Int(RTM_NEWLINK))
        var head = ifinfomsg()
        head.ifi_index = index
        message.append(head)
        message.put(Int(IFLA_MASTER), UInt32(bitPattern: bridge))
        try request(message, "joining the interface \(index) to the bridge \(bridge)")
    }
}
