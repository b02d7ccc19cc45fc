package import HTTP
package import JSON
import Postgres

extension HTTPResponse {
    /// A JSON document as the answer.
    package static func document(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        var bytes: [UInt8] = []
        value.write(into: &bytes)
        return .json(bytes, status: status)
    }

    /// A refusal as RFC 9457 writes it: `{"title": …, "status": …, "detail": …}`; `problems` are
    /// the mistakes of a request by themselves.
    package static func problem(
        _ status: Int,
        _ message: String,
        problems: [String] = []
    ) -> HTTPResponse {
        var document: JSONObject = [
            "title": .string(HTTPStatus.reason(status)), "status": .integer(Int64(status)),
            "detail": .string(message),
        ]
        if !problems.isEmpty { document["problems"] = .array(problems.map { .string($0) }) }
        var response = HTTPResponse.document(.object(document), status: status)
        response.headers["Content-Type"] = "application/problem+json"
        return response
    }

    /// 503: come again after so many seconds; the request may or may not have had its effect.
    package static func unavailable(
        _ message: String,
        retryAfterSeconds: Int = 1
    ) -> HTTPResponse {
        var response = problem(503, message)
        response.headers[ShopHeaders.retryAfter] = String(retryAfterSeconds)
        return response
    }

    /// The answer to what a handler threw: 400 for a bad request, 503 for a database out of reach,
    /// else 500.
    static func failure(_ error: any Error) -> HTTPResponse {
        switch error {
        case let error as RequestError:
            return .problem(400, error.description, problems: error.problems)
        case let error as PostgresError where error.code == .value:
            return .problem(400, "The request has a NUL in it, which no text here may have.")
        case let error as PostgresError where error.code != .server || error.isRetryable:
            return .unavailable("The database did not answer. Send the same request again.")
        case is CancellationError:
            return .unavailable("The request was abandoned.")
        default:
            return .problem(500, "Internal fault. Look into the service's log.")
        }
    }
}
