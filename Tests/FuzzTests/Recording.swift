import LinuxSystem

/// What went over one connection, in the order in which it was read.
struct Recording: Sendable {
    struct Piece: Sendable, Equatable {
        var isFromClient: Bool
        var bytes: [UInt8]
    }

    let name: String
    var pieces: [Piece]

    /// Everything that the client sent.
    var clientBytes: [UInt8] { pieces.filter(\.isFromClient).flatMap(\.bytes) }
    /// Everything that the server sent.
    var serverBytes: [UInt8] { pieces.filter { !$0.isFromClient }.flatMap(\.bytes) }

    static let folder = SystemFiles.parent(of: #filePath) + "/Recordings"

    /// The recordings of a kind, sorted by name.
    static func all(_ kind: String) throws -> [Recording] {
        try SystemFiles.list("\(folder)/\(kind)").sorted().map { name in
            let bytes = try SystemFiles.read("\(folder)/\(kind)/\(name)")
            return Recording(name: name, text: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// The lines of a file of texts.
    static func lines(_ path: String) throws -> [[UInt8]] {
        try SystemFiles.read("\(folder)/\(path)").split(separator: 0x0A).map { Array($0) }
    }

    init(name: String, text: String) {
        self.name = name
        pieces = []
        for line in text.split(separator: "\n") where line.first != "#" {
            let bytes = Recording.bytes(line.dropFirst(2))
            if line.first == " ", !pieces.isEmpty {
                pieces[pieces.count - 1].bytes += bytes
            } else {
                pieces.append(Piece(isFromClient: line.first == "C", bytes: bytes))
            }
        }
    }

    private static func bytes(_ text: Substring) -> [UInt8] {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { index in
            UInt8(digits[index] << 4 | digits[index + 1])
        }
    }
}
