internal import JSON

/// Masks secrets in free-form data: passwords of connection strings and URLs, and members named so.
enum Redaction {
    static let mask = "•••"

    private static let names = [
        "password", "passwd", "secret", "token", "authorization", "api_key", "api-key", "apikey",
    ]

    /// Masks members whose name speaks of a secret, and secrets inside texts.
    static func value(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(Self.text(text))
        case .array(let elements): .array(elements.map(Self.value))
        case .object(let object): .object(Self.object(object))
        default: value
        }
    }

    static func object(_ object: JSONObject) -> JSONObject {
        JSONObject(
            object.members.map { member in
                let isSecret = names.contains { member.name.lowercased().contains($0) }
                return .init(
                    name: member.name,
                    value: isSecret ? .string(mask) : value(member.value)
                )
            }
        )
    }

    /// Masks `password=…` and the password in `scheme://user:password@host`.
    static func text(_ text: String) -> String {
        var result = text
        for word in ["password=", "passwd=", "pwd="] { result = masking(after: word, in: result) }
        return maskingUserInfo(in: result)
    }

    private static func masking(after word: String, in text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let found = rest.lowercased().firstRange(of: word) {
            let lowered = rest.lowercased()
            let end = lowered.distance(from: lowered.startIndex, to: found.upperBound)
            guard let cut = rest.index(rest.startIndex, offsetBy: end, limitedBy: rest.endIndex)
            else { break }
            result += rest[..<cut] + mask
            rest = rest[cut...].drop { !" &;'\"\n".contains($0) }
        }
        return result + rest
    }

    private static func maskingUserInfo(in text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let scheme = rest.firstRange(of: "://") {
            let authority = rest[scheme.upperBound...].prefix { !"/?# \n\"".contains($0) }
            result += rest[..<scheme.upperBound]
            if let at = authority.lastIndex(of: "@") {
                let user = authority[..<at]
                let name = user.prefix { $0 != ":" }
                result += name.count < user.count ? name + ":" + mask : user
                result += authority[at...]
            } else {
                result += authority
            }
            rest = rest[authority.endIndex...]
        }
        return result + rest
    }
}
