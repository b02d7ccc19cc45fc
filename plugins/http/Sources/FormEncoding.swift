import JSON

/// Query strings and forms as the Chaos Toolkit's client writes them.
enum FormEncoding {
    /// `name=value` pairs joined by `&`; lists repeat the name, `null` is dropped.
    static func encode(_ object: JSONObject) -> String {
        object.members.flatMap { member -> [String] in
            let values = member.value.arrayValue ?? [member.value]
            return values.filter { $0 != .null }.map {
                "\(escape(member.name))=\(escape(text($0)))"
            }
        }.joined(separator: "&")
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .bool(let value): value ? "True" : "False"
        default: value.serialized()
        }
    }

    /// RFC 3986's unreserved characters stay, a blank becomes `+`, everything else `%XX`.
    private static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: " "):
                bytes.append(UInt8(ascii: "+"))
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
