import ChaosModel
import JSON
import Testing

/// Every parser of the room meets text that was good once and has been damaged.
@Suite struct MutatedTextTests {
    private func mutations(
        of seeds: [String],
        seed: UInt64,
        count: Int = 3000,
        alphabet: String,
        _ body: (String) throws -> Void
    ) rethrows {
        var generator = SeededBytes(seed: seed)
        for round in 0..<count {
            var bytes = Array(seeds[round % seeds.count].utf8)
            generator.mutate(&bytes, alphabet: alphabet)
            try body(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func `units either read or say why, and what is read is written and read alike`() throws {
        let seeds = ["100ms", "1m30s", "99.95%", "10MB/s", "64KiB", "1.5s", "-3", "250us"]
        try mutations(of: seeds, seed: 1, alphabet: "0123456789.-+ smhdkKMGiB%/e") { text in
            if let duration = try? Duration(parsing: text) {
                #expect(duration >= .zero)
                let again = try Duration(parsing: duration.text)
                #expect(abs(again.seconds - duration.seconds) <= duration.seconds * 1e-6 + 1e-9)
            }
            if let quantity = try? Quantity(parsing: text) {
                #expect(quantity.value.isFinite)
                _ = Quantity.text(quantity.value, quantity.unit)
            }
        }
    }

    @Test func `instants either read or do not, and those that read are written alike`() {
        let seeds = ["2026-11-20T10:42:45.087402Z", "2000-02-29T23:59:60+14:00"]
        mutations(of: seeds, seed: 2, alphabet: "0123456789-+:.TZ ") { text in
            guard let instant = Timestamp(rfc3339: text) else { return }
            #expect(Timestamp(rfc3339: instant.rfc3339) != nil)
        }
        for extreme in [Int64.min, -1, 0, .max] {
            #expect(Timestamp(microseconds: extreme).rfc3339.utf8.count == 27)
        }
    }

    @Test func `patterns either compile or say why, and searching ends`() {
        let seeds = ["(?m)^a.c$", "[a-z&&[b]]+\\d{2,3}", "(?P<n>x|y)\\b", "a\\.b\\Z"]
        mutations(of: seeds, seed: 3, count: 1500, alphabet: "()[]{}?*+|^$.\\-dwsbZ:<>P!=x1,") {
            text in
            guard let regex = try? PythonRegex(text) else { return }
            _ = regex.isFound(in: "abc xy12 a.b\n")
        }
    }

    @Test func `substitution keeps what it does not know`() {
        let substitution = Substitution(configuration: ["a": 1, "b": "x"])
        mutations(of: ["${a} $b $$ ${c}", "$a${b"], seed: 4, alphabet: "${}ab_1 ") { text in
            let result = substitution.apply(to: text)
            if !text.unicodeScalars.contains("$") { #expect(result == .string(text)) }
            _ = Substitution.hasReference(text)
        }
    }

    @Test func `tolerances and system descriptions either read or say why`() {
        let seeds = [
            #"{"at-least":"99%","at-most":"300ms"}"#, #"{"type":"range","range":[1,9]}"#,
            #"{"type":"jsonpath","path":"$.a[*]","expect":[1]}"#, #"[1,"2",true]"#,
            SystemDescriptionTests.full.serialized(),
        ]
        mutations(of: seeds, seed: 5, alphabet: "{}[]\",:0-9.eatruflsn\\ $") { text in
            guard let json = try? JSONValue.parse(text) else { return }
            if let tolerance = try? Tolerance(json: json) {
                _ = tolerance.text
                for value: JSONValue in [nil, true, 1, 2.5, "a", [1], ["status": 200]] {
                    _ = tolerance.evaluate(value, unit: "ms")
                }
            }
            if let system = try? SystemDescription(json: json) {
                #expect((try? SystemDescription(json: system.json)) == system)
            }
        }
    }
}
