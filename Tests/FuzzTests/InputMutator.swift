/// Damages bytes as chance and malice do; the same seed always gives the same damage.
struct InputMutator: RandomNumberGenerator {
    /// No input is longer, bytes.
    static let lengthMax = 1 << 16

    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { bound > 0 ? Int(next() % UInt64(bound)) : 0 }

    /// Changes bytes in 1 to 8 places.
    ///
    /// - Parameters:
    ///   - bytes: What is damaged.
    ///   - others: Where foreign pieces come from.
    ///   - words: What means something in the format.
    mutating func damage(_ bytes: inout [UInt8], others: [[UInt8]], words: [[UInt8]]) {
        for _ in 0...below(8) {
            let place = below(bytes.count + 1)
            let end = min(bytes.count, place + 1 + below(below(8) == 0 ? 4_000 : 8))
            switch below(11) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
            case 2: bytes.insert(UInt8(truncatingIfNeeded: next()), at: place)
            case 3 where place < bytes.count: bytes[place] ^= 1 << UInt8(below(8))
            case 4 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: next())
            case 5, 6: replace(&bytes, at: place, by: number())
            case 7: bytes.insert(contentsOf: pick(words), at: place)
            case 8: replaceDigits(&bytes, from: place)
            case 9: bytes.removeSubrange(place...)
            default: splice(pick(others), into: &bytes, at: place)
            }
        }
        if bytes.count > InputMutator.lengthMax { bytes.removeSubrange(InputMutator.lengthMax...) }
    }

    /// Bytes in random pieces, often small ones.
    mutating func pieces(of bytes: [UInt8]) -> [[UInt8]] {
        let size = [1, 3, 40, 1_000, InputMutator.lengthMax][below(5)]
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + 1 + below(size))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }

    mutating func pick(_ choices: [[UInt8]]) -> [UInt8] {
        choices.isEmpty ? [] : choices[below(choices.count)]
    }

    /// A big-endian number of 1, 2 or 4 bytes that breaks arithmetic.
    private mutating func number() -> [UInt8] {
        let values: [UInt32] = [
            0, 1, 3, 4, 5, 7, 8, 9, 0x7F, 0x80, 0xFF, 0x100, 0x2710, 0x2711, 0x7FFF, 0xFFFF,
            0x00FF_FFFF, 0x3FFF_FFFF, 0x4000_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFB,
            0xFFFF_FFFF,
        ]
        let value = values[below(values.count)]
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
        return Array(bytes.suffix([1, 2, 4, 4][below(4)]))
    }

    private func replace(_ bytes: inout [UInt8], at place: Int, by other: [UInt8]) {
        bytes.replaceSubrange(place..<min(bytes.count, place + other.count), with: other)
    }

    /// The next decimal number becomes one that breaks arithmetic.
    private mutating func replaceDigits(_ bytes: inout [UInt8], from place: Int) {
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        let numbers = [
            "0", "-1", "00", "1e400", "4294967296", "9223372036854775807", "18446744073709551616",
            "99999999999999999999999999", "0.0000001", "1.5",
        ]
        bytes.replaceSubrange(start..<end, with: numbers[below(numbers.count)].utf8)
    }

    private mutating func splice(_ other: [UInt8], into bytes: inout [UInt8], at place: Int) {
        let start = below(other.count + 1)
        let end = min(other.count, start + below(200))
        bytes.insert(contentsOf: other[start..<end], at: place)
    }
}
