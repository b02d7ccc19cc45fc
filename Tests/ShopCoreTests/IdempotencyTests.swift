import JSON
import Testing

@testable import ShopCore

struct IdempotencyTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1000),
            "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
        ),
    ])
    func `SHA-256 gives the digests of FIPS 180-4`(message: String, digest: String) {
        #expect(SHA256.hexadecimal(Array(message.utf8)) == digest)
    }

    @Test func `ten and ten point nought are the same amount, in any order of members`() throws {
        let first = try OrderRequest(
            body: Array(
                #"{"customer":"c","sku":"s","quantity":1,"amount_cents":10}"#.utf8
            )
        )
        let second = try OrderRequest(
            body: Array(
                #"{"amount_cents":10.0, "quantity":1e0, "sku":"s","customer":"c"}"#.utf8
            )
        )
        #expect(first.hash == second.hash)
        #expect(
            CanonicalRequest.hash(["a": 1, "b": ["c": 2.0, "d": 3]])
                == CanonicalRequest.hash(["b": ["d": 3, "c": 2], "a": 1.0])
        )
    }

    @Test(arguments: [
        OrderRequest(customer: "c", sku: "s", quantity: 1, amountCents: 11),
        OrderRequest(customer: "c", sku: "s", quantity: 2, amountCents: 10),
        OrderRequest(customer: "c", sku: "t", quantity: 1, amountCents: 10),
        OrderRequest(customer: "d", sku: "s", quantity: 1, amountCents: 10),
    ])
    func `another request has another hash`(other: OrderRequest) {
        let request = OrderRequest(customer: "c", sku: "s", quantity: 1, amountCents: 10)
        #expect(request.hash != other.hash)
    }

    @Test func `the decision about a key is a table`() {
        typealias Record = IdempotencyDecision.Record
        let table: [(Record?, IdempotencyDecision)] = [
            (nil, .execute),
            (Record(requestHash: "h", isFinished: false), .resume),
            (Record(requestHash: "h", isFinished: true), .replay),
            (Record(requestHash: "g", isFinished: false), .mismatch),
            (Record(requestHash: "g", isFinished: true), .mismatch),
        ]
        for (stored, decision) in table {
            #expect(IdempotencyDecision(requestHash: "h", stored: stored) == decision)
        }
    }

    @Test func `UUIDs are version 4, valid and different`() {
        var random = SeededGenerator(seed: 1)
        var seen: Set<String> = []
        for _ in 0..<1000 {
            let text = UUIDText.random(using: &random)
            #expect(UUIDText.isValid(text))
            let characters = Array(text)
            #expect(characters[14] == "4")
            #expect("89ab".contains(characters[19]))
            seen.insert(text)
        }
        #expect(seen.count == 1000)
    }

    @Test(arguments: [
        "", "3f2b8c1e", "3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a9",
        "3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a9g",
        "3f2b8c1e09d41-4a77-8b1e-0c5d6e7f8a90", "3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a9'",
    ])
    func `what is no UUID is refused`(text: String) {
        #expect(!UUIDText.isValid(text))
    }
}

struct RequestTests {
    @Test func `a request with several mistakes hears of them all`() {
        let body = Array(#"{"customer":"","quantity":0,"amount_cents":1.5}"#.utf8)
        let error = #expect(throws: RequestError.self) { try OrderRequest(body: body) }
        #expect(error?.problems.count == 4)
    }

    @Test(arguments: ["", "{", "[]", "null", "\u{0}", #"{"customer":"a\u0000b"}"#])
    func `a hostile body is an error, not a crash`(body: String) {
        #expect(throws: RequestError.self) { try OrderRequest(body: Array(body.utf8)) }
        #expect(throws: RequestError.self) { try ChargeRequest(body: Array(body.utf8)) }
        #expect(throws: RequestError.self) { try HoldRequest(body: Array(body.utf8)) }
    }

    @Test(arguments: 0..<300)
    func `a mutated body never crashes the reader`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var body = Array(
            #"{"customer":"c-1","sku":"sku-01","quantity":2,"amount_cents":1999}"#.utf8
        )
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let index = Int.random(in: 0..<body.count, using: &random)
            body[index] = UInt8.random(in: 0...255, using: &random)
        }
        if let request = try? OrderRequest(body: body) {
            #expect((1...1000).contains(request.quantity))
            #expect((1...1_000_000_000).contains(request.amountCents))
        }
    }

    @Test(arguments: ["", "a b", "a\nb", "ключ", String(repeating: "k", count: 201)])
    func `a bad idempotency key is refused`(key: String) {
        #expect(!ShopHeaders.isKey(key))
    }
}
