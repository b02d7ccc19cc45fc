import JSON

/// Spans as the body of a request to a collector's `/v1/traces`.
///
/// Source: opentelemetry-proto, `trace/v1/trace.proto`, and the JSON mapping of OTLP/HTTP: ids are
/// hexadecimal, 64-bit numbers are texts, enumerations are numbers.
package enum TraceText {
    /// All spans of one process.
    package static func body(
        _ spans: some Collection<Span>,
        resource: Span.Attributes,
        scope: String
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 + spans.count * 700)
        bytes += #"{"resourceSpans":[{"resource":{"attributes":["#.utf8
        write(resource, into: &bytes)
        bytes += #"]},"scopeSpans":[{"scope":{"name":"#.utf8
        write(scope, into: &bytes)
        bytes += #"},"spans":["#.utf8
        var isFirst = true
        for span in spans {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(span, into: &bytes)
        }
        bytes += "]}]}]}".utf8
        return bytes
    }

    private static func write(_ span: Span, into bytes: inout [UInt8]) {
        bytes += #"{"traceId":""#.utf8
        TraceContext.write(span.context.traceHigh, span.context.traceLow, into: &bytes)
        bytes += #"","spanId":""#.utf8
        TraceContext.write(span.context.spanID, into: &bytes)
        if span.parentID != 0 {
            bytes += #"","parentSpanId":""#.utf8
            TraceContext.write(span.parentID, into: &bytes)
        }
        if !span.context.state.isEmpty {
            bytes += #"","traceState":"#.utf8
            write(span.context.state, into: &bytes)
            bytes += #","name":"#.utf8
        } else {
            bytes += #"","name":"#.utf8
        }
        write(span.name, into: &bytes)
        bytes += #","kind":\#(span.kind.rawValue),"flags":\#(span.context.flags)"#.utf8
        bytes += #","startTimeUnixNano":"\#(span.startedAt)""#.utf8
        bytes += #","endTimeUnixNano":"\#(span.startedAt + span.nanoseconds)""#.utf8
        bytes += #","attributes":["#.utf8
        write(span.attributes, into: &bytes)
        bytes.append(UInt8(ascii: "]"))
        if let failure = span.failure {
            bytes += #","status":{"code":2,"message":"#.utf8
            write(failure, into: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func write(_ attributes: Span.Attributes, into bytes: inout [UInt8]) {
        var isFirst = true
        for (name, value) in attributes {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            bytes += #"{"key":"#.utf8
            write(name, into: &bytes)
            bytes += #","value":{"#.utf8
            switch value {
            case .bool(let value): bytes += #""boolValue":\#(value)"#.utf8
            case .integer(let value): bytes += #""intValue":"\#(value)""#.utf8
            case .number(let value): bytes += #""doubleValue":\#(value)"#.utf8
            case .string(let text):
                bytes += #""stringValue":"#.utf8
                write(text, into: &bytes)
            default:
                bytes += #""stringValue":"#.utf8
                write(value.serialized(), into: &bytes)
            }
            bytes += "}}".utf8
        }
    }

    private static func write(_ text: String, into bytes: inout [UInt8]) {
        JSONValue.string(text).write(into: &bytes)
    }
}
