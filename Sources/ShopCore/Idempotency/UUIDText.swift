import EventLoop

/// UUIDs as PostgreSQL writes them.
package enum UUIDText {
    /// One whose text begins with the time (version 7, RFC 9562): rows that are written one after
    /// the other stand side by side in an index, however long it is.
    package static func ordered() -> String {
        var generator = SystemRandomNumberGenerator()
        return ordered(milliseconds: Loop.wallMicroseconds() / 1000, using: &generator)
    }

    /// One of a moment, in milliseconds of the epoch.
    package static func ordered(
        milliseconds: Int64,
        using generator: inout some RandomNumberGenerator
    ) -> String {
        let time = UInt64(truncatingIfNeeded: milliseconds) << 16
        let high: UInt64 = time | generator.next() & 0x0fff | 0x7000
        return text(high, generator.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000)
    }

    /// The one before all ordered ones of a moment, in milliseconds of the epoch.
    package static func first(milliseconds: Int64) -> String {
        text(UInt64(truncatingIfNeeded: milliseconds) << 16 | 0x7000, 0x8000_0000_0000_0000)
    }

    /// A random one (version 4): `3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a90`.
    package static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// One from a generator, for tests that want to know it.
    package static func random(using generator: inout some RandomNumberGenerator) -> String {
        let high: UInt64 = generator.next() & 0xffff_ffff_ffff_0fff | 0x4000
        return text(high, generator.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000)
    }

    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        let digits = Array((hexadecimal(high) + hexadecimal(low)).utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether a text is a UUID in the usual form, either case.
    package static func isValid(_ text: some StringProtocol) -> Bool {
        guard text.utf8.count == 36 else { return false }
        for (index, byte) in text.utf8.enumerated() {
            let isDash = byte == UInt8(ascii: "-")
            if isDash != [8, 13, 18, 23].contains(index) { return false }
            if !isDash, !isHexadecimal(byte) { return false }
        }
        return true
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
