package import HTTP
package import JSON

extension HTTPResponse {
    /// An order as `GET /orders/{id}` shows it, with the version that it has: how many states it
    /// has had.
    package static func order(_ document: JSONValue) -> HTTPResponse {
        var response = HTTPResponse.document(document)
        let version = document["history"]?.arrayValue?.count
        response.headers[ShopHeaders.version] = version.map { String($0) }
        return response
    }
}
