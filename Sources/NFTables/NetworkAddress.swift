internal import Glibc

/// An IPv4 or IPv6 address in its canonical spelling.
package struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
    package let text: String
    package let isVersion6: Bool

    /// `nil` when the text is no address.
    package init?(_ text: String) {
        for (family, length) in [(AF_INET, INET_ADDRSTRLEN), (AF_INET6, INET6_ADDRSTRLEN)] {
            var bytes = [UInt8](repeating: 0, count: 16)
            guard unsafe inet_pton(family, text, &bytes) == 1 else { continue }
            var spelling = [CChar](repeating: 0, count: Int(length))
            guard unsafe inet_ntop(family, bytes, &spelling, socklen_t(length)) != nil else {
                continue
            }
            let end = spelling.firstIndex(of: 0) ?? spelling.count
            self.text = String(
                decoding: spelling[..<end].map { UInt8(bitPattern: $0) },
                as: UTF8.self
            )
            isVersion6 = family == AF_INET6
            return
        }
        return nil
    }

    package var description: String { text }

    /// 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { isVersion6 ? text == "::1" : text.hasPrefix("127.") }
}
