import JSON
import ShopCore
import Testing

// How the processor is told to misbehave.
extension DocumentedCalls {
    func behaviours() async throws {
        func told(_ method: String, _ name: String, _ body: JSONValue = .null)
            -> DocumentedRequest
        {
            DocumentedRequest(.processor, method, "/behaviours/\(name)", body)
        }
        let rule: JSONValue = [
            "delay_ms": 1, "fail": "after", "answers": 2, "share": 0.5, "times": 3, "seed": -7,
            "for_ms": 60_000,
        ]
        let lease: JSONValue = ["for_ms": 1_000]
        try await refusals([told("PUT", "a", rule), told("PATCH", "a", lease)])
        try await call(told("PATCH", "a", lease), 404)
        try await call(told("DELETE", "a"), 404)
        let set = try await call(told("PUT", "a", rule), 201)
        #expect(set["hits"] == 0 && set["fail"] == "after")
        try await call(told("PUT", "a", ["answers": 2, "for_ms": 60_000]), 200)
        try await call(told("PATCH", "a", lease), 200)
        for number in 1...15 { try await call(told("PUT", "b-\(number)", rule), 201) }
        try await call(told("PUT", "more", rule), 409)
        for number in 1...15 { try await call(told("DELETE", "b-\(number)"), 200) }
        try await call(told("DELETE", "a"), 200)
        let list = try await call(DocumentedRequest(.processor, "GET", "/behaviours"), 200)
        #expect(list == ["behaviours": []])
    }
}
