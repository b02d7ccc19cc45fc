import JSON
import Testing

@Suite struct JSONWriterTests {
    static let values: [(JSONValue, String)] = [
        (nil, "null"), (true, "true"), (0, "0"), (7, "7"), (-5, "-5"), (5.0, "5.0"),
        (.integer(.min), "-9223372036854775808"), (.number(0.1), "0.1"),
        (.number(1e22), "1e+22"), (.number(1e-7), "1e-07"), (.number(-0.0), "-0.0"),
        (.number(.nan), "null"), (.number(.infinity), "null"),
        ("a\"\\\n\t\r\u{08}\u{0C}\u{01}é𝄞/", #""a\"\\\n\t\r\b\f\u0001é𝄞/""#),
        ([], "[]"), ([:], "{}"), ([1, "a", [:]], #"[1,"a",{}]"#),
        (["b": [1, 2], "a": nil], #"{"b":[1,2],"a":null}"#),
    ]

    @Test(arguments: values)
    func `a value is written compactly`(_ value: JSONValue, _ text: String) {
        #expect(value.serialized() == text)
    }

    @Test func `pretty text indents with two spaces and keeps empty ones on their line`() {
        let value: JSONValue = ["a": [1, ["b": true]], "c": [], "d": [:]]
        #expect(
            value.serialized(pretty: true) == """
                {
                  "a": [
                    1,
                    {
                      "b": true
                    }
                  ],
                  "c": [],
                  "d": {}
                }
                """
        )
    }

    @Test func `doubles read back as they were`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5_000 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            let text = JSONValue.number(number).serialized()
            #expect(try JSONValue.parse(text) == .number(number))
        }
    }

    @Test func `random values survive writing and reading, compact and pretty`() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            let value = generator.value(depth: 5)
            #expect(try JSONValue.parse(value.serialized()) == value)
            #expect(try JSONValue.parse(value.serialized(pretty: true)) == value)
            let document = JSONDocument(file: "f", bytes: Array(value.serialized().utf8))
            #expect(document.root?.value == value)
        }
    }

    @Test func `mutated text never traps, and what is read is written and read alike`() {
        var generator = SeededGenerator(seed: 42)
        for _ in 0..<4_000 {
            var bytes = Array(generator.value(depth: 4).serialized().utf8)
            generator.mutate(&bytes)
            let document = JSONDocument(file: "f", bytes: bytes)
            let value = try? JSONValue.parse(bytes)
            #expect((value == nil) == !document.problems.isEmpty)
            if let value {
                #expect(document.root?.value == value)
                #expect((try? JSONValue.parse(value.serialized())) == value)
            }
            for problem in document.problems {
                #expect(problem.offset <= bytes.count)
                #expect(!problem.message.isEmpty)
                _ = document.lineText(problem.line)
            }
        }
    }
}

/// SplitMix64 with the makers of test input.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &self) {
        case 0: .null
        case 1: .bool(.random(using: &self))
        case 2: .integer(Int64(bitPattern: next()))
        case 3: .integer(.random(in: -20...20, using: &self))
        case 4: .number(.random(in: -1e6...1e6, using: &self))
        case 5: .string(string())
        case 6:
            .array((0..<Int.random(in: 0...4, using: &self)).map { _ in value(depth: depth - 1) })
        default: object(depth: depth - 1)
        }
    }

    private mutating func object(depth: Int) -> JSONValue {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...4, using: &self) {
            object[string()] = value(depth: depth)
        }
        return .object(object)
    }

    private mutating func string() -> String {
        let alphabet = Array("ab\"\\\n\u{01}\u{7F}é☃𝄞/{}[],: \u{2028}")
        return String(
            (0..<Int.random(in: 0...6, using: &self)).map { _ in
                alphabet.randomElement(using: &self) ?? "a"
            }
        )
    }

    /// Flips, inserts, removes or copies a few bytes.
    mutating func mutate(_ bytes: inout [UInt8]) {
        for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &self)
            case 1: bytes.remove(at: index)
            case 2:
                let choices = Array("{}[]\",:\\u-0e.ntf \n".utf8)
                bytes.insert(choices.randomElement(using: &self) ?? 0, at: index)
            default:
                bytes.insert(contentsOf: bytes[index..<min(index + 5, bytes.count)], at: index)
            }
        }
    }
}
