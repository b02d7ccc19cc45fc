/// Paths as Toxiproxy's router cleans them before it looks: `//proxies/./a` is `/proxies/a`.
enum CleanPath {
    /// Without empty, `.` and `..` parts; a slash at the end stays.
    static func clean(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        let cleaned = "/" + parts.joined(separator: "/")
        return path.hasSuffix("/") && cleaned != "/" ? cleaned + "/" : cleaned
    }

    /// Undoes percent-encoding; a `%` without two digits behind it stays.
    static func decoded(_ path: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = path.utf8
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            guard byte == UInt8(ascii: "%"), digits.count == 2,
                digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-"),
                let value = UInt8(Substring(digits), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Percent-encodes what may not stand in the path of a URL.
    static func encoded(_ path: String) -> String {
        let plain = Set("$&+,/:;=@-._~".utf8)
        var text = ""
        for byte in path.utf8 {
            let character = Character(Unicode.Scalar(byte))
            let isWord = byte < 0x80 && (character.isLetter || character.isNumber)
            if isWord || plain.contains(byte) {
                text.append(character)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return text
    }
}
