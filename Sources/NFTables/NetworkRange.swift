/// An IPv4 or IPv6 network, or one address: `10.0.0.0/8`, `fd00::1`.
package struct NetworkRange: Sendable, Hashable, CustomStringConvertible {
    package let address: NetworkAddress
    /// How many leading bits count: 0 to 32 or 128.
    package let prefix: Int

    /// Reads an address with or without `/length`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ NetworkAddress(String($0)) }) else { return nil }
        let most = address.isVersion6 ? 128 : 32
        guard let prefix = parts.count == 2 ? Int(parts[1]) : most, (0...most).contains(prefix)
        else { return nil }
        self.address = address
        self.prefix = prefix
    }

    /// The range that holds one address alone.
    package init(_ address: NetworkAddress) {
        self.address = address
        prefix = address.isVersion6 ? 128 : 32
    }

    package var isVersion6: Bool { address.isVersion6 }

    /// Whether it is one address.
    package var isSingle: Bool { prefix == (isVersion6 ? 128 : 32) }

    package var description: String { isSingle ? address.text : "\(address.text)/\(prefix)" }
}
