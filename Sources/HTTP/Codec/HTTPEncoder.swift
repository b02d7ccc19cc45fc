/// Writes heads, chunks and whole messages behind what is in a byte array.
///
/// CR, LF and NUL inside names, values and targets become spaces: a value that came from outside
/// cannot begin a header line of its own.
package enum HTTPEncoder {
    /// Appends a response head, framing fields included.
    ///
    /// `Content-Length`, `Transfer-Encoding` and `Connection` among `headers` are left out.
    package static func appendResponseHead(
        status: Int,
        headers: HTTPHeaders,
        framing: HTTPFraming,
        keepsAlive: Bool,
        date: [UInt8] = [],
        to output: inout [UInt8]
    ) {
        append("HTTP/1.1 ", to: &output)
        append(decimal: status, to: &output)
        output.append(ASCII.space)
        append(HTTPStatus.reason(status), to: &output)
        appendLineEnd(to: &output)
        output.append(contentsOf: date)
        appendFields(headers, to: &output)
        appendFraming(framing, to: &output)
        if !keepsAlive { append("Connection: close\r\n", to: &output) }
        appendLineEnd(to: &output)
    }

    /// Appends a request head, framing fields included.
    ///
    /// `host` is the value of the Host field, unless `headers` has one.
    package static func appendRequestHead(
        method: String,
        target: String,
        host: String,
        headers: HTTPHeaders,
        framing: HTTPFraming,
        to output: inout [UInt8]
    ) {
        append(method, to: &output)
        output.append(ASCII.space)
        appendClean(target, to: &output)
        append(" HTTP/1.1\r\n", to: &output)
        if headers["Host"] == nil { appendField("Host", host, to: &output) }
        appendFields(headers, to: &output)
        appendFraming(framing, to: &output)
        appendLineEnd(to: &output)
    }

    /// Appends one chunk; nothing for an empty one, which would be the end mark.
    package static func appendChunk(_ bytes: [UInt8], to output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        append(String(bytes.count, radix: 16), to: &output)
        appendLineEnd(to: &output)
        output.append(contentsOf: bytes)
        appendLineEnd(to: &output)
    }

    /// Appends the end mark of a chunked body, without trailers.
    package static func appendLastChunk(to output: inout [UInt8]) {
        append("0\r\n\r\n", to: &output)
    }

    /// Appends one header line.
    package static func appendField(
        _ name: String,
        _ value: String,
        to output: inout [UInt8]
    ) {
        appendClean(name, to: &output)
        output.append(ASCII.colon)
        output.append(ASCII.space)
        appendClean(value, to: &output)
        appendLineEnd(to: &output)
    }

    private static func appendFields(_ headers: HTTPHeaders, to output: inout [UInt8]) {
        for field in headers.fields where !isFramingField(field.name) {
            appendField(field.name, field.value, to: &output)
        }
    }

    private static func appendFraming(_ framing: HTTPFraming, to output: inout [UInt8]) {
        switch framing {
        case .none, .untilClose:
            break
        case .length(let count):
            append("Content-Length: ", to: &output)
            append(decimal: count, to: &output)
            appendLineEnd(to: &output)
        case .chunked:
            append("Transfer-Encoding: chunked\r\n", to: &output)
        }
    }

    private static func isFramingField(_ name: String) -> Bool {
        switch name.utf8.count {
        case 10: HTTPHeaders.areEqual(name, "connection")
        case 14: HTTPHeaders.areEqual(name, "content-length")
        case 17: HTTPHeaders.areEqual(name, "transfer-encoding")
        default: false
        }
    }

    private static func appendLineEnd(to output: inout [UInt8]) {
        output.append(ASCII.carriageReturn)
        output.append(ASCII.lineFeed)
    }

    private static func append(_ text: String, to output: inout [UInt8]) {
        output.append(contentsOf: text.utf8)
    }

    private static func append(decimal: Int, to output: inout [UInt8]) {
        output.append(contentsOf: String(decimal).utf8)
    }

    private static func appendClean(_ text: String, to output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: text.utf8)
        for index in start..<output.count {
            switch output[index] {
            case ASCII.carriageReturn, ASCII.lineFeed, 0: output[index] = ASCII.space
            default: break
            }
        }
    }
}
