/// A word, a string literal or another character of the manifest.
enum ManifestToken: Equatable {
    /// An identifier and its line, from 1.
    case word(String, Int)
    case text(String)
    case mark(Character)

    static func all(in manifest: String) -> [ManifestToken] {
        var scanner = SwiftScanner(manifest)
        scanner.run()
        let code = scanner.code
        let bytes = Array(manifest.utf8)
        let quote = UInt8(ascii: "\"")
        var tokens: [ManifestToken] = []
        var word: [UInt8] = []
        var line = 1
        var index = 0
        while index < code.count {
            let byte = code[index]
            if isIdentifier(byte) {
                word.append(byte)
                index += 1
                continue
            }
            if !word.isEmpty { tokens.append(.word(String(decoding: word, as: UTF8.self), line)) }
            word = []
            switch byte {
            case quote:
                let end = code[(index + 1)...].firstIndex(of: quote) ?? code.count
                tokens.append(.text(String(decoding: bytes[(index + 1)..<end], as: UTF8.self)))
                index = end
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: " "), UInt8(ascii: "."): break
            default: tokens.append(.mark(Character(UnicodeScalar(byte))))
            }
            index += 1
        }
        return tokens
    }

    private static func isIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
