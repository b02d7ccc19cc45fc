/// The attributes of a message or of a nest, by type; the last of a type counts.
package struct Attributes: Sendable {
    private var values: [UInt16: ArraySlice<UInt8>] = [:]

    /// Bits of a type that say how it is encoded, not what it is.
    private static let typeMask: UInt16 = 0x3fff

    /// Reads attributes; what is cut short at the end is left out.
    package init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let length = rest.number(UInt16.self, at: 0).map(Int.init), length >= 4,
            length <= rest.count, let type = rest.number(UInt16.self, at: 2)
        {
            let start = rest.startIndex
            values[type & Self.typeMask] = rest[(start + 4)..<(start + length)]
            rest = rest.dropFirst((length + 3) & ~3)
        }
    }

    package subscript(_ type: Int) -> ArraySlice<UInt8>? { values[UInt16(type)] }

    package func number<Number: FixedWidthInteger>(_ type: Int, as kind: Number.Type) -> Number? {
        self[type]?.number(kind, at: 0)
    }

    /// Text up to its terminating zero.
    package func text(_ type: Int) -> String? {
        self[type].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    package func nest(_ type: Int) -> Attributes? { self[type].map { Attributes($0) } }
}

extension ArraySlice<UInt8> {
    /// A number in the machine's byte order (little endian) at an offset; `nil` beyond the end.
    func number<Number: FixedWidthInteger>(_ kind: Number.Type, at offset: Int) -> Number? {
        let size = Number.bitWidth / 8
        guard offset >= 0, offset + size <= count else { return nil }
        var value: Number = 0
        for index in 0..<size {
            value |= Number(truncatingIfNeeded: self[startIndex + offset + index]) << (8 * index)
        }
        return value
    }
}
