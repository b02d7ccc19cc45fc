package import JSON

/// The hash of what a request means, not of how it was written.
///
/// Members are sorted by name, and a number that is a whole number is one however it was spelt: a
/// retry that says `10.0` where the first try said `10` is the same request (an early prototype of
/// this shop stranded orders over exactly that).
package enum CanonicalRequest {
    /// 64 hexadecimal digits, equal for requests of equal meaning.
    package static func hash(_ value: JSONValue) -> String {
        var bytes: [UInt8] = []
        canonical(value).write(into: &bytes)
        return SHA256.hexadecimal(bytes)
    }

    /// The value with sorted members and whole numbers as integers.
    package static func canonical(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            let members = object.members.sorted { $0.name < $1.name }
            return .object(
                JSONObject(members.map { .init(name: $0.name, value: canonical($0.value)) })
            )
        case .array(let values): return .array(values.map(canonical))
        case .number(let number):
            guard let whole = Int64(exactly: number) else { return value }
            return .integer(whole)
        case .null, .bool, .integer, .string: return value
        }
    }
}
