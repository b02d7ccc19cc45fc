/// A message of nfnetlink, byte by byte: the machine's order outside, the network's inside.
///
/// C counterpart: `struct nlmsghdr`, `struct nfgenmsg` and `struct nlattr` of linux/netlink.h and
/// linux/netfilter/nfnetlink.h.
struct NetfilterMessage: Sendable {
    /// The subsystems and messages that we use.
    enum Kind: UInt16, Sendable {
        case batchBegin = 0x10
        case batchEnd = 0x11
        case packet = 0x300
        case verdict = 0x301
        case queueConfiguration = 0x302
        case batchVerdict = 0x303
        case newRule = 0xa06
    }

    /// NLM_F_REQUEST, NLM_F_ACK; NLM_F_CREATE with NLM_F_APPEND.
    static let request: UInt16 = 1
    static let acknowledge: UInt16 = 4
    static let createAppending: UInt16 = 0xc00

    static let headerSize = 20

    private(set) var bytes: [UInt8] = []

    init(
        _ kind: Kind,
        family: UInt8 = 0,
        resource: UInt16 = 0,
        flags: UInt16 = 0,
        sequence: UInt32 = 0
    ) {
        bytes.reserveCapacity(96)
        append(little: UInt32(0))
        append(little: kind.rawValue)
        append(little: flags | Self.request)
        append(little: sequence)
        append(little: UInt32(0))
        bytes += [family, 0, UInt8(resource >> 8), UInt8(resource & 0xff)]
        close()
    }

    /// Adds an attribute, padded to four bytes.
    mutating func put(_ type: UInt16, _ value: [UInt8]) {
        append(little: UInt16(4 + value.count))
        append(little: type)
        bytes += value
        while bytes.count % 4 != 0 { bytes.append(0) }
        close()
    }

    mutating func put(_ type: UInt16, text: String) { put(type, Array(text.utf8) + [0]) }

    mutating func put(_ type: UInt16, number: UInt32) { put(type, number.networkBytes) }

    /// Adds an attribute that holds what the body puts into it.
    mutating func nest(_ type: UInt16, _ body: (inout NetfilterMessage) -> Void) {
        let start = bytes.count
        append(little: UInt16(0))
        append(little: type | 0x8000)
        body(&self)
        let length = UInt16(bytes.count - start)
        bytes[start] = UInt8(length & 0xff)
        bytes[start + 1] = UInt8(length >> 8)
        close()
    }

    private mutating func close() {
        let length = UInt32(bytes.count)
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    }

    private mutating func append<Number: FixedWidthInteger>(little number: Number) {
        for index in 0..<(Number.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index)))
        }
    }
}

extension UInt32 {
    /// The most significant byte first.
    var networkBytes: [UInt8] {
        [
            UInt8(truncatingIfNeeded: self >> 24), UInt8(truncatingIfNeeded: self >> 16),
            UInt8(truncatingIfNeeded: self >> 8), UInt8(truncatingIfNeeded: self),
        ]
    }
}

/// The attributes of a message that was received, as places in its bytes.
struct NetfilterAttributes {
    /// Calls the body with each attribute's type and where its value lies.
    static func each(
        _ bytes: borrowing [UInt8],
        in range: Range<Int>,
        _ body: (UInt16, Range<Int>) -> Void
    ) {
        var start = range.lowerBound
        while start + 4 <= range.upperBound {
            let length = Int(bytes[start]) | Int(bytes[start + 1]) << 8
            let type = (UInt16(bytes[start + 2]) | UInt16(bytes[start + 3]) << 8) & 0x3fff
            guard length >= 4, start + length <= range.upperBound else { return }
            body(type, (start + 4)..<(start + length))
            start += (length + 3) & ~3
        }
    }
}
