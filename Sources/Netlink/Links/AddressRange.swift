internal import Glibc

/// An IPv4 or IPv6 address with the length of its network: `10.0.0.0/8`, `fd00::1` (one address).
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes, the most significant first.
    package let bytes: [UInt8]
    /// 0 to 32 or 128: how many leading bits count.
    package let prefix: Int
    package let description: String

    package var isIPv6: Bool { bytes.count == 16 }

    /// Reads an address with or without `/length`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first.map(String.init) else { return nil }
        var four = in_addr()
        var six = in6_addr()
        if unsafe inet_pton(AF_INET, host, &four) == 1 {
            bytes = unsafe withUnsafeBytes(of: four) { unsafe Array($0) }
        } else if unsafe inet_pton(AF_INET6, host, &six) == 1 {
            bytes = unsafe withUnsafeBytes(of: six) { unsafe Array($0) }
        } else {
            return nil
        }
        let most = bytes.count * 8
        guard parts.count == 2 else {
            prefix = most
            description = text
            return
        }
        guard let length = Int(parts[1]), (0...most).contains(length) else { return nil }
        prefix = length
        description = text
    }

    /// Whether an address lies in it; none of the other family does, and no text that is none.
    package func contains(_ address: String) -> Bool {
        guard let other = AddressRange(address), other.bytes.count == bytes.count else {
            return false
        }
        return zip(zip(bytes, other.bytes), mask).allSatisfy { pair, mask in
            pair.0 & mask == pair.1 & mask
        }
    }

    /// As many leading one bits as count.
    package var mask: [UInt8] {
        bytes.indices.map { index in
            let ones = min(8, max(0, prefix - 8 * index))
            return UInt8(truncatingIfNeeded: 0xff00 >> ones)
        }
    }
}
