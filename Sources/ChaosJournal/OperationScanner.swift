internal import ChaosModel

/// Reads `operation` lines in exactly the form in which we write them, without a JSON tree.
///
/// They are nine in ten lines of a journal. Whatever looks the least bit different (another order
/// of members, an escape, a byte beyond ASCII, an exponent) is left to the general reader, so that
/// both give the same event for every line that this one accepts.
enum OperationScanner {
    /// Returns `nil` when the line is to be read by the general reader.
    static func event(_ line: ArraySlice<UInt8>) -> JournalEvent? {
        var cursor = Cursor(rest: line)
        guard cursor.skip("{\"seq\":"), let sequence = cursor.integer(),
            cursor.skip(",\"at\":"), let at = cursor.string().flatMap(Timestamp.init(rfc3339:)),
            cursor.skip(",\"t\":"), let elapsed = cursor.number(),
            cursor.skip(",\"event\":\"operation\",\"arrival\":"), let arrival = cursor.integer(),
            cursor.skip(",\"operation\":"), let operation = cursor.string(),
            cursor.skip(",\"kind\":"),
            let kind = cursor.string().flatMap(ClientOperation.Kind.init(rawValue:)),
            cursor.skip(",\"key\":"), let key = cursor.string()
        else { return nil }
        var payload = ClientOperation(
            arrival: arrival,
            operation: operation,
            kind: kind,
            key: key
        )
        if cursor.skip(",\"order\":") {
            guard let order = cursor.string() else { return nil }
            payload.order = order
        }
        if cursor.skip(",\"status\":") {
            guard let status = cursor.integer() else { return nil }
            payload.status = status
        }
        if cursor.skip(",\"latency_ms\":") {
            guard let latency = cursor.number() else { return nil }
            payload.latencyMilliseconds = latency
        }
        if cursor.skip(",\"detail\":") {
            guard let detail = cursor.string() else { return nil }
            payload.detail = detail
        }
        guard cursor.skip("}"), cursor.rest.isEmpty else { return nil }
        return JournalEvent(
            sequence: sequence,
            at: at,
            elapsed: elapsed,
            payload: .operation(payload)
        )
    }

    private struct Cursor {
        var rest: ArraySlice<UInt8>

        /// Consumes the text when the rest begins with it.
        mutating func skip(_ text: String) -> Bool {
            guard rest.starts(with: text.utf8) else { return false }
            rest = rest.dropFirst(text.utf8.count)
            return true
        }

        /// Consumes a string of plain ASCII without escapes.
        mutating func string() -> String? {
            guard rest.first == UInt8(ascii: "\"") else { return nil }
            let body = rest.dropFirst().prefix { byte in
                byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"")
                    && byte != UInt8(ascii: "\\")
            }
            let after = rest.dropFirst(body.count + 1)
            guard after.first == UInt8(ascii: "\"") else { return nil }
            rest = after.dropFirst()
            return String(decoding: body, as: UTF8.self)
        }

        mutating func integer() -> Int? {
            let digits = prefixOfDigits(rest)
            guard let digits, let value = Int(String(decoding: digits, as: UTF8.self)) else {
                return nil
            }
            rest = rest.dropFirst(digits.count)
            return value
        }

        /// Consumes `digits.digits`; everything else is for the general reader.
        mutating func number() -> Double? {
            guard let whole = prefixOfDigits(rest) else { return nil }
            let point = rest.dropFirst(whole.count)
            guard point.first == UInt8(ascii: ".") else { return nil }
            let fraction = point.dropFirst().prefix(while: Self.isDigit)
            guard !fraction.isEmpty else { return nil }
            let text = rest.prefix(whole.count + 1 + fraction.count)
            rest = rest.dropFirst(text.count)
            return Double(String(decoding: text, as: UTF8.self))
        }

        /// Digits as JSON allows them (no leading zero), not followed by what makes another number.
        private func prefixOfDigits(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
            let digits = bytes.prefix(while: Self.isDigit)
            guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else {
                return nil
            }
            return digits
        }

        private static func isDigit(_ byte: UInt8) -> Bool {
            byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        }
    }
}
