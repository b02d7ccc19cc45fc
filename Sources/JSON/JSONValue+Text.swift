extension JSONValue {
    /// Reads one value from text.
    ///
    /// Errors: the first mistake, with line and column; a name that stands twice is one.
    package static func parse(
        _ text: String,
        limits: JSONLimits = .standard
    ) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), limits: limits)
    }

    /// Reads one value from UTF-8 bytes.
    ///
    /// Errors: the first mistake, with line and column; a name that stands twice is one.
    package static func parse(
        _ bytes: [UInt8],
        limits: JSONLimits = .standard
    ) throws(JSONError) -> JSONValue {
        var reader = JSONValueReader(bytes, limits: limits)
        return try reader.document()
    }

    /// The value as JSON text: compact, or over several lines with two spaces of indentation.
    ///
    /// Numbers that JSON cannot express (NaN, infinite) become `null`.
    package func serialized(pretty: Bool = false) -> String {
        var bytes: [UInt8] = []
        if pretty {
            JSONWriter.writePretty(self, indentation: 0, into: &bytes)
        } else {
            write(into: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the value as compact JSON text; no line feed stands in it.
    ///
    /// Numbers that JSON cannot express (NaN, infinite) become `null`.
    package func write(into bytes: inout [UInt8]) {
        JSONWriter.write(self, into: &bytes)
    }
}
