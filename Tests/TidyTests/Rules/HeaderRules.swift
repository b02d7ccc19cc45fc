/// Each room has one file that tells its story before its first line of code.
enum HeaderRules {
    static let linesMax = 25
    static let linesMin = 3

    /// The file that must tell it: `Sources/HTTP/HTTP.swift`, `Sources/chaos/Chaos.swift`.
    static func path(of room: String) -> String {
        "Sources/\(room)/\(room.prefix(1).uppercased())\(room.dropFirst()).swift"
    }

    static func presence(_ manifest: Manifest, exists: (String) -> Bool) -> [Finding] {
        swiftRooms(manifest).map(path).filter { !exists($0) }.map { path in
            Finding(
                path,
                "the room has no file that tells its story",
                remedy:
                    "Write it: a comment of \(linesMin) to \(linesMax) lines, with a small picture."
            )
        }
    }

    /// The longest comment before the first declaration.
    static func story(_ text: SwiftText) -> [Finding] {
        var longest = 0
        var current = 0
        for (code, comment) in zip(text.code, text.comments) {
            let words = CodeWord.all(in: [code])
            if words.isEmpty, comment.contains("//") {
                current += 1
                longest = max(longest, current)
                continue
            }
            current = 0
            guard words.isEmpty || words.contains(where: { $0.text == "import" }) else { break }
        }
        guard !(linesMin...linesMax).contains(longest) else { return [] }
        return [
            Finding(
                text.path,
                1,
                "its header has \(longest) lines",
                remedy: "Tell the room's story in \(linesMin) to \(linesMax) lines of comment."
            )
        ]
    }

    /// Rooms of Swift; a C module has no Swift file.
    static func swiftRooms(_ manifest: Manifest) -> [String] {
        manifest.rooms.filter { room in
            room.kind != .systemLibrary && room.path == nil && !isC(room.name)
        }.map(\.name)
    }

    private static func isC(_ name: String) -> Bool {
        name.hasPrefix("C") && name.dropFirst().prefix(1).allSatisfy(\.isUppercase)
    }
}
