internal import JSON

/// A table: its family and its name.
package struct TableName: Sendable, Hashable, CustomStringConvertible {
    /// What kind of packets its chains see; see nft(8).
    package enum Family: String, Sendable, Hashable, CaseIterable {
        case ip, ip6, inet, bridge, netdev, arp
    }

    package var family: Family
    package var name: String

    /// `nil` when the name could be read as something else by nft(8): letters, digits, `_`, `-`,
    /// `.`, a letter first.
    package init?(_ family: Family, _ name: String) {
        guard Self.isPlain(name) else { return nil }
        self.family = family
        self.name = name
    }

    init?(json: JSONValue) {
        guard let family = json["family"]?.stringValue.flatMap(Family.init(rawValue:)),
            let name = json["name"]?.stringValue
        else { return nil }
        self.init(family, name)
    }

    package var description: String { text }

    var text: String { "\(family.rawValue) \(name)" }

    static func isPlain(_ name: String) -> Bool {
        let isStart = name.utf8.first.map { isLetter($0) } ?? false
        return isStart && name.utf8.count <= 128
            && name.utf8.allSatisfy { byte in
                isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".")
            }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
