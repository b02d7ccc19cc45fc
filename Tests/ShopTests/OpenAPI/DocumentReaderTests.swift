import HTTP
import JSON
import ShopCore
import Testing

/// That mistakes in requests and answers are seen.
@Suite struct DocumentReaderTests {
    private static let reader = DocumentReader(ShopAPI.document(of: .gateway))
    private static let placed: JSONValue = [
        "order": "3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a90", "state": "pending", "status": "/orders/…",
    ]

    private static func operation() throws -> DocumentReader.Operation {
        let found = reader.operation("POST", "/orders")
        return try #require(found)
    }

    private static func problems(_ change: (inout HTTPResponse) -> Void) throws -> [String] {
        var response = HTTPResponse.document(placed, status: 202)
        response.headers[ShopHeaders.version] = "1"
        change(&response)
        return reader.problems(response, to: try operation())
    }

    @Test func `an answer that is documented has no problems`() throws {
        #expect(try Self.problems { _ in } == [])
    }

    @Test func `each mistake of an answer is told`() throws {
        #expect(try Self.problems { $0.status = 200 } == ["status 200 is not documented"])
        #expect(try Self.problems { $0.headers["Content-Type"] = "text/html" }.count == 1)
        #expect(try Self.problems { $0.headers["X-Version"] = nil } == ["X-Version is missing"])
        #expect(try Self.problems { $0.headers["X-Version"] = "0" }.count == 1)
        #expect(
            try Self.problems { $0.headers["Retry-After"] = "1" }
                == ["Retry-After is not documented"]
        )
        #expect(try Self.problems { $0.body = [] }.count == 1)
        #expect(try Self.problems { $0.body = Array("{}".utf8) }.count == 3)
    }

    @Test func `each mistake of a request is told`() throws {
        let body = Array(TestShop.order.json.serialized().utf8)
        func problems(
            _ target: String,
            _ headers: HTTPHeaders,
            _ body: [UInt8]
        ) throws -> [String] {
            Self.reader.problems(target, headers, body, to: try Self.operation())
        }
        #expect(try problems("/orders", ["Idempotency-Key": "k"], body) == [])
        #expect(try problems("/orders", [:], body) == ["Idempotency-Key is required"])
        #expect(try problems("/orders?x=1", ["Idempotency-Key": "k"], body).count == 1)
        #expect(try problems("/orders", ["Idempotency-Key": "k"], []).count == 1)
        #expect(try problems("/orders", ["Idempotency-Key": "k"], Array("{}".utf8)).count == 4)
    }

    @Test func `a path without parameters goes before one with`() throws {
        let orders = DocumentReader(ShopAPI.document(of: .orders))
        #expect(orders.operation("GET", "/orders?ids=1")?.path == "/orders")
        #expect(orders.operation("GET", "/orders/1?wait=1s")?.path == "/orders/{id}")
        #expect(orders.operation("PUT", "/orders") == nil)
    }
}
