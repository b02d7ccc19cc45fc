internal import CNetlink

/// A network interface.
package struct Link: Sendable, Hashable {
    /// 1 and above; unique in its namespace while it lives.
    package var index: Int32
    package var name: String
    /// `veth`, `ifb`, `bridge`; empty for hardware and loopback.
    package var kind: String
    package var isUp: Bool
    package var mtu: Int
    /// The interface group: a number without meaning to the kernel.
    package var group: UInt32
    package var alias: String

    /// `IFF_UP` of linux/if.h, which cannot be included beside net/if.h.
    static let upFlag: UInt32 = 1

    /// `nil` when the reply is no link.
    init?(_ payload: ArraySlice<UInt8>) {
        guard let index = payload.number(Int32.self, at: 4),
            let flags = payload.number(UInt32.self, at: 8)
        else { return nil }
        let attributes = Attributes(payload.dropFirst(MemoryLayout<ifinfomsg>.size))
        guard let name = attributes.text(Int(IFLA_IFNAME)) else { return nil }
        self.index = index
        self.name = name
        kind =
            attributes.nest(Int(IFLA_LINKINFO))?.text(Int(IFLA_INFO_KIND)) ?? ""
        isUp = flags & Link.upFlag != 0
        mtu = Int(attributes.number(Int(IFLA_MTU), as: UInt32.self) ?? 0)
        group = attributes.number(Int(IFLA_GROUP), as: UInt32.self) ?? 0
        alias = attributes.text(Int(IFLA_IFALIAS)) ?? ""
    }
}
