import ChaosModel
import JSON
import Testing

@Suite struct JSONPathTests {
    static let document: JSONValue = [
        "a": ["k": 1], "k": 2, "list": [0, 1, 2, 3, 4], "text": "abcdef", "name": "k",
        "items": [["x": 1, "y": 2], ["x": 9, "y": 2], ["x": 1]],
    ]

    @Test(
        arguments: [
            ("$..k", [2, 1]), ("$.list[::2]", [0, 2, 4]), ("$.list[-2:]", [3, 4]),
            ("$.list[4:0:-2]", [4, 2]), ("$.list[-100:2]", [0, 1, 2, 3, 4, 0, 1]),
            ("$.list[100]", []), ("$.list[-1]", [4]), ("$.list[0:0:0]", []),
            ("$.text.charAt(-1)", ["f"]), ("$.text.substring(1,-1)", ["bcde"]),
            ("$[$.name]", [2]), ("$.list[?(@[0] = 0)]", [[0, 1, 2, 3, 4]].map { .array($0) }),
            ("$.items[*][?(@.x = 1 or @.x = 9 and @.y = 2)].x", [1, 9]),
            ("$.items[*][?(not (@.x = 1))].x", [9]), ("$.items[*][?(not not @.y)].x", [1, 9]),
            ("$.items[*][?(@.x >= 1.0 and @.x < 9)].x", [1, 1]), ("$.items.length()", [3]),
            ("$.items[*][?(@.y != 3)].x", [1, 9]), ("$.items[*][?({\"x\": 1} = @)].x", [1]),
            ("$.items[*][?(true)].x", [1, 9, 1]), ("$.items[*][?(null)].x", []),
            ("$.a.entries()", [[["k", 1]]]), ("$.list.keys()", []),
        ] as [(String, [JSONValue])]
    )
    func `a path leads to its values`(_ path: String, _ values: [JSONValue]) throws {
        #expect(try JSONPath(path).values(in: Self.document) == values)
    }

    @Test(arguments: [
        "", "$.and", "$[1.5]", "$[1e2]", "$[]", "$[?(@.k == 1)]", "$[?@.k]", "$.a.nope()", "$...k",
        "$ $", "$[?(@.k = )]", "$[\"open]", "$['k']", "$[k]", "@.k", "$.a[?(@.k=1]", "$.*()",
    ])
    func `what is no path is refused`(_ path: String) {
        #expect(throws: UnitError.self) { try JSONPath(path) }
    }

    @Test func `hostile paths and documents are bounded`() throws {
        let deep = "$" + String(repeating: "[?(", count: 3000)
        #expect(throws: UnitError.self) { try JSONPath(deep) }
        let long = "$" + String(repeating: ".a", count: 10_000)
        #expect(throws: UnitError.self) { try JSONPath(long) }
        var wide: JSONValue = 1
        for _ in 0..<5 { wide = .array(Array(repeating: wide, count: 8)) }
        let found = try JSONPath("$..*..*..*..*").values(in: wide)
        #expect(found.count <= 100_000)
        #expect(try JSONPath("$[0:9000000000000000000]").values(in: [1, 2]) == [1, 2])
        #expect(try JSONPath("$[-9000000000000000000:]").values(in: [1, 2]) == [1, 2, 1, 2])
    }

    @Test func `mutated paths never trap`() {
        var generator = SeededBytes(seed: 5)
        let seeds = [
            "$.items[*][?(@.x >= 1.0 and not @.y)].x", "$..k[\"a b\",0:2:-1]", "$.text.charAt(-1)",
        ]
        for round in 0..<3000 {
            var bytes = Array(seeds[round % seeds.count].utf8)
            generator.mutate(&bytes)
            let path = String(decoding: bytes, as: UTF8.self)
            _ = try? JSONPath(path).values(in: Self.document)
        }
    }
}

/// SplitMix64 and a few mutations of bytes.
struct SeededBytes: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// Flips, inserts, removes or copies a few bytes.
    mutating func mutate(_ bytes: inout [UInt8], alphabet: String = "$.[]()?@*:,\"=<>!0-9ax{} ") {
        for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &self)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(alphabet.utf8.randomElement(using: &self) ?? 0, at: index)
            default:
                bytes.insert(contentsOf: bytes[index..<min(index + 5, bytes.count)], at: index)
            }
        }
    }
}
