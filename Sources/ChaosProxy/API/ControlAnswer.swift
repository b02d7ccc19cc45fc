import HTTP
import JSON

/// Toxiproxy's answers, to the byte.
enum ControlAnswer {
    /// Success: compact JSON without a line feed behind it.
    static func json(_ text: AnswerText, status: Int = 200) -> HTTPResponse {
        var bytes: [UInt8] = []
        text.write(into: &bytes)
        return .json(bytes, status: status)
    }

    /// An error: JSON with a line feed behind it, called plain text (as Go's `http.Error` does).
    static func error(_ error: ControlError) -> HTTPResponse {
        let value: JSONValue = [
            "error": .string(error.message), "status": .integer(Int64(error.status)),
        ]
        return text(value.serialized() + "\n", status: error.status)
    }

    static func text(_ text: String, status: Int) -> HTTPResponse {
        var response = HTTPResponse.text(text, status: status)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    }

    static let empty = HTTPResponse(status: 204)

    static let unknownPath = text("404 page not found\n", status: 404)

    /// With its space and line feed.
    static let version = HTTPResponse(
        status: 200,
        headers: ["Content-Type": "application/json;charset=utf-8"],
        body: Array("{\"version\": \"\(ControlAPI.version)\"}\n".utf8)
    )

    static func moved(to location: String) -> HTTPResponse {
        HTTPResponse(status: 301, headers: ["Location": location])
    }

    /// 20 characters of base32hex in lower case, different for each request.
    static func requestID() -> String {
        let digits = Array("0123456789abcdefghijklmnopqrstuv")
        return String((0..<20).map { _ in digits[Int.random(in: 0..<32)] })
    }
}
