import ChaosModel
import JSON
import Testing

@Suite struct ToleranceTests {
    static let bounds: [(JSONValue, JSONValue, String, ToleranceOutcome)] = [
        (["at-most": "300ms"], 300.0, "ms", .met),
        (["at-most": "300ms"], 300.1, "ms", .unmet),
        (["at-most": "0.3s"], 250, "ms", .met),
        (["at-least": "99%"], 0.99, "ratio", .met),
        (["at-least": "99%"], 0.9899, "ratio", .unmet),
        (["at-least": 0.5, "at-most": 1], 0.7, "ratio", .met),
        (["at-least": "20/s"], 19.5, "/s", .unmet),
        (["at-most": 300], 299, "ms", .met),
        (
            ["at-most": "300ms"], 0.5, "ratio",
            .invalid(reason: "300ms cannot be compared: the probe has the unit ratio")
        ),
        (
            ["at-most": "300ms"], 5, "",
            .invalid(reason: "300ms cannot be compared: the probe has no unit")
        ),
        (["at-most": "300ms"], nil, "ms", .invalid(reason: "null is not a number")),
        (["at-most": "300ms"], "5", "ms", .invalid(reason: "the string \"5\" is not a number")),
        (["at-most": 1], .number(.nan), "", .invalid(reason: "the number null is not a number")),
    ]

    @Test func `a boolean looks at what holds in an object, and at nothing else`() {
        let holds: JSONValue = ["holds": true, "invariants": []]
        #expect(Tolerance.equal(true).evaluate(holds, unit: "") == .met)
        #expect(Tolerance.equal(false).evaluate(holds, unit: "") == .unmet)
        #expect(Tolerance.equal(true).evaluate(["holds": "yes"], unit: "") == .unmet)
        #expect(Tolerance.equal(true).evaluate(["ok": true], unit: "") == .unmet)
    }

    @Test(arguments: bounds)
    func `a bound is judged in the unit of the probe`(
        _ json: JSONValue,
        _ value: JSONValue,
        _ unit: String,
        _ outcome: ToleranceOutcome
    ) throws {
        #expect(try Tolerance(json: json).evaluate(value, unit: unit) == outcome)
    }

    static let texts: [(JSONValue, String)] = [
        (["at-most": "300ms"], "at most 300ms"),
        (["at-least": "99%", "at-most": "100%"], "at least 99% and at most 100%"),
        (200, "equal to 200"), ("UP", "equal to \"UP\""), (true, "equal to true"),
        ([1, 9], "from 1 to 9"), ([1, 2, 3], "one of 1, 2, 3"),
        (["type": "regex", "pattern": "a.c"], "matching /a.c/"),
        (["type": "regex", "pattern": "a", "target": "stdout"], "stdout matching /a/"),
        (["type": "jsonpath", "path": "$.a", "expect": 1], "$.a equal to 1"),
        (["type": "jsonpath", "path": "$.a", "count": 2], "$.a found 2 times"),
        (["type": "jsonpath", "path": "$.a"], "$.a found"),
        (["type": "range", "range": [0.5, 2], "target": "body"], "body from 0.5 to 2"),
        (["type": "probe", "name": "check", "provider": [:]], "accepted by the probe check"),
    ]

    @Test(arguments: texts)
    func `a tolerance reads as words and survives JSON`(_ json: JSONValue, _ text: String) throws {
        let tolerance = try Tolerance(json: json)
        #expect(tolerance.text == text)
        #expect(try Tolerance(json: tolerance.json) == tolerance)
    }

    static let refused: [(JSONValue, String)] = [
        (nil, "a tolerance cannot be null"), (1.5, "a tolerance cannot be the number 1.5"),
        ([:], "a tolerance without a type is unknown"),
        (["type": "rang", "range": [1, 2]], "a tolerance of the type \"rang\" is unknown"),
        (["at-most": "300parsecs"], "\"300parsecs\" has the unknown unit \"parsecs\""),
        (["at-most": true], "a bound cannot be true"),
        (["at-most": 1, "atleast": 2], "\"atleast\" is not part of a bound"),
        (["at-least": "1s", "at-most": "5%"], "1s and 5% have different units"),
        (["at-least": 5, "at-most": 1], "nothing is at least 5 and at most 1"),
        (["type": "regex"], "a regex tolerance needs a \"pattern\" that is a string"),
        (["type": "regex", "pattern": "("], "the pattern ( seems invalid: expected ')'"),
        (["type": "jsonpath", "path": " "], "the JSON path is empty"),
        (["type": "range", "range": [1]], "a range is not an array"),
        (
            ["type": "range", "range": [1, "2"]],
            "the upper bound of a range is the string \"2\", not a number"
        ),
    ]

    @Test(arguments: refused)
    func `what is no tolerance says why`(_ json: JSONValue, _ message: String) {
        let error = #expect(throws: UnitError.self) { try Tolerance(json: json) }
        #expect(error?.message == message)
        #expect(error?.remedy.isEmpty == false)
    }

    static let patterns: [(String, String, Bool)] = [
        ("c$", "abc\n", true), ("c\\Z", "abc\n", false), ("^$", "\n", true),
        ("(?m)^b$", "a\nb\nc", true), ("a.c", "a\rc", true), ("a.c", "a\nc", false),
        ("(?s)a.c", "a\nc", true), ("[[]", "[", true), ("[a-z&&[b]", "&", true),
        ("[a--b]", "-", true), ("[]a]+$", "]a", true), ("[^]]", "]", false),
        ("(?i)ÉTÉ", "été", true), ("\\bfoo\\b", "a foo b", true), ("x{2,3}", "axxb", true),
        ("(a|b)+\\d$", "xab1", true), ("[\\b]", "\u{8}", true),
    ]

    @Test(arguments: patterns)
    func `a pattern means what it means in Python`(_ pattern: String, _ text: String, _ hit: Bool)
        throws
    {
        #expect(try PythonRegex(pattern).isFound(in: text) == hit)
    }

    @Test(arguments: ["[", "(", "*a", "a)", "(?<=a)b", "\\q", "[a", "a\\", "(?P=n)"])
    func `a pattern that cannot be searched is refused, not guessed`(_ pattern: String) {
        #expect(throws: UnitError.self) { try PythonRegex(pattern) }
    }
}

@Suite struct SubstitutionTests {
    @Test func `arguments are left alone when there is nothing to put in`() {
        #expect(Substitution().applyToArguments("$$x") == "$$x")
        let substitution = Substitution(configuration: ["a": 1])
        #expect(substitution.applyToArguments(["$$x", "${a}"]) == ["$x", 1])
    }

    @Test(arguments: [
        ("${a}", true), ("x$a", true), ("$$a", false), ("$", false), ("${a", false), ("$1", false),
    ])
    func `a reference is recognised`(_ text: String, _ isReference: Bool) {
        #expect(Substitution.hasReference(text) == isReference)
    }

    @Test(
        arguments: [
            (["it's", "a\"b", "'\"", "a\nb\\"], #"x["it's", 'a"b', '\'"', 'a\nb\\']"#),
            ([true, nil, 1.0, [:], ["k": [1]]], "x[True, None, 1.0, {}, {'k': [1]}]"),
        ] as [(JSONValue, String)]
    )
    func `values within text are written as Python writes them`(_ value: JSONValue, _ text: String)
    {
        #expect(Substitution(configuration: ["v": value]).apply(to: "x${v}") == .string(text))
    }
}
