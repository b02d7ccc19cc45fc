internal import CNetlink

/// Which packets a filter takes.
package struct PacketMatch: Sendable, Hashable {
    package enum Network: UInt16, Sendable { case ipv4 = 0x0800, ipv6 = 0x86dd }
    package enum Transport: UInt8, Sendable { case icmp = 1, tcp = 6, udp = 17, icmpv6 = 58 }

    package var network: Network
    package var transport: Transport?
    package var source: AddressRange?
    package var destination: AddressRange?
    /// Only with TCP and UDP.
    package var sourcePort: UInt16?
    package var destinationPort: UInt16?
    /// Only with ICMPv6.
    package var icmpType: UInt8?

    package init(_ network: Network) {
        self.network = network
    }
}

/// What a filter does with the packets that it takes.
package enum FilterAction: Sendable, Hashable {
    /// Puts them into a class of the discipline that the filter hangs on.
    case classify(TrafficHandle)
    /// Sends them out of another interface, given by its index.
    case redirect(Int32)
}

/// A filter as the kernel tells it.
package struct Filter: Sendable, Hashable {
    package var parent: TrafficHandle
    package var handle: UInt32
    /// The lower the earlier.
    package var priority: UInt16
    /// The Ethernet type.
    package var network: UInt16
    package var kind: String
    package var options: [UInt8]

    init?(_ payload: ArraySlice<UInt8>) {
        guard let handle = payload.number(UInt32.self, at: 8),
            let parent = payload.number(UInt32.self, at: 12),
            let info = payload.number(UInt32.self, at: 16)
        else { return nil }
        let attributes = Attributes(payload.dropFirst(MemoryLayout<tcmsg>.size))
        guard let kind = attributes.text(TCA_KIND) else { return nil }
        self.handle = handle
        self.parent = TrafficHandle(rawValue: parent)
        priority = UInt16(truncatingIfNeeded: info >> 16)
        network = UInt16(truncatingIfNeeded: info).byteSwapped
        self.kind = kind
        options = attributes[TCA_OPTIONS].map { Array($0) } ?? []
    }
}

/// Where filters hang.
package enum FilterPlace: Sendable, Hashable, CustomStringConvertible {
    /// On a discipline of an interface.
    case qdisc(Int32, TrafficHandle)
    /// In a block of filters that an ingress hook names.
    case block(UInt32)

    package var description: String {
        switch self {
        case .qdisc(_, let handle): "\(handle)"
        case .block(let number): "the block \(number)"
        }
    }

    var header: tcmsg {
        switch self {
        case .qdisc(let interface, let handle):
            QdiscMessages.header(interface, handle, .none)
        case .block(let number):
            // TCM_IFINDEX_MAGIC_BLOCK; the number stands in the place of the parent.
            QdiscMessages.header(-1, TrafficHandle(rawValue: number), .none)
        }
    }
}
