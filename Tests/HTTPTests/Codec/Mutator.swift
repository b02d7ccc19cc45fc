/// Seeded, so that every failure can be repeated: damages byte streams as a hostile peer would.
struct Mutator: RandomNumberGenerator {
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

    private static let words = [
        "\r\n", "\n", "\r", "\r\n\r\n", "\0", ":", ": ", " ", "\t", ";", ",", "0", "ffffffff", "-1",
        "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n",
        "HTTP/1.1", "GET / ", "0\r\n\r\n", "5\r\nhello\r\n", "\u{FF}", "Host: b\r\n",
    ]

    /// One of the sources with 1 to 6 changes.
    mutating func mutate(_ sources: [[UInt8]]) -> [UInt8] {
        var bytes = sources.randomElement(using: &self) ?? []
        for _ in 0..<Int.random(in: 1...6, using: &self) {
            let position = Int.random(in: 0...bytes.count, using: &self)
            let end = min(bytes.count, position + Int.random(in: 0...8, using: &self))
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes.removeSubrange(position..<end)
            case 1: bytes.insert(contentsOf: Array(bytes[position..<end]), at: position)
            case 2: bytes.insert(UInt8(truncatingIfNeeded: next()), at: position)
            case 3 where position < bytes.count:
                bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 4:
                let other = sources.randomElement(using: &self) ?? []
                bytes.insert(contentsOf: other.prefix(Int(next() % 200)), at: position)
            default:
                let word = Self.words.randomElement(using: &self) ?? ""
                bytes.insert(contentsOf: word.utf8, at: position)
            }
        }
        return bytes
    }

    /// The bytes in random pieces.
    mutating func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...min(rest.count, 40), using: &self)
            pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}
