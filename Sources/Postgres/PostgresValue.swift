/// A parameter of a statement; sent as text, its type inferred by the server or given by a cast.
package enum PostgresValue: Sendable, Hashable {
    case null
    case string(String)
    case int(Int64)
    case bool(Bool)
    case double(Double)
    /// A `bytea`.
    case bytes([UInt8])
    /// The text of a `json` or `jsonb` document.
    case json(String)
    /// A `text[]` (or any array whose elements are written as text, such as `uuid[]`).
    case strings([String?])
    /// A `bigint[]` (or `int[]`).
    case ints([Int64?])

    /// The text form that goes on the wire; `nil` is NULL.
    var text: String? {
        switch self {
        case .null: nil
        case .string(let value), .json(let value): value
        case .int(let value): String(value)
        case .bool(let value): value ? "t" : "f"
        case .double(let value): Self.text(of: value)
        case .bytes(let value): Self.hexadecimal(value)
        case .strings(let values): Self.array(values.map { $0.map(Self.quoted) })
        case .ints(let values): Self.array(values.map { $0.map { String($0) } })
        }
    }

    private static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return value.description
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = Array("\\x".utf8)
        text.reserveCapacity(2 + bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func array(_ elements: [String?]) -> String {
        "{" + elements.map { $0 ?? "NULL" }.joined(separator: ",") + "}"
    }

    /// An array element in double quotes, so that commas, braces, blanks and NULL stay text.
    private static func quoted(_ element: String) -> String {
        var text: [UInt8] = [UInt8(ascii: "\"")]
        for byte in element.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                text.append(UInt8(ascii: "\\"))
            }
            text.append(byte)
        }
        text.append(UInt8(ascii: "\""))
        return String(decoding: text, as: UTF8.self)
    }
}

extension PostgresValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
}

/// The C strings of a statement's parameters, checked and NUL-terminated.
struct ParameterTexts {
    /// One entry per parameter; `nil` is NULL.
    let bytes: [[CChar]?]

    /// Throws `.value` when a text contains a NUL character or there are more than 65,535.
    init(_ parameters: [PostgresValue?]) throws(PostgresError) {
        guard parameters.count <= 65_535 else {
            throw PostgresError(
                .value,
                "\(parameters.count) parameters are too many for one statement. "
                    + "Use at most 65535, or pass arrays and unnest them.",
                isDefinite: true
            )
        }
        var texts: [[CChar]?] = []
        texts.reserveCapacity(parameters.count)
        for (index, parameter) in parameters.enumerated() {
            guard let text = parameter?.text else {
                texts.append(nil)
                continue
            }
            texts.append(try Self.terminated(text, name: "parameter $\(index + 1)"))
        }
        bytes = texts
    }

    /// A text as a C string; PostgreSQL's text cannot hold the character U+0000.
    static func terminated(_ text: String, name: String) throws(PostgresError) -> [CChar] {
        var characters: [CChar] = []
        characters.reserveCapacity(text.utf8.count + 1)
        for byte in text.utf8 {
            guard byte != 0 else {
                throw PostgresError(
                    .value,
                    "\(name) contains the character U+0000, which PostgreSQL text cannot hold. "
                        + "Remove it, or pass bytes for a bytea column.",
                    isDefinite: true
                )
            }
            characters.append(CChar(bitPattern: byte))
        }
        characters.append(0)
        return characters
    }
}
