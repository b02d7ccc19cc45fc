import Testing

@testable import ChaosProxy

struct PatternCase: Sendable, CustomTestStringConvertible {
    var pattern: String
    var text: String
    var isFound: Bool
    var testDescription: String { "\(pattern) in \(text): \(isFound)" }

    init(_ pattern: String, _ text: String, _ isFound: Bool) {
        self.pattern = pattern
        self.text = text
        self.isFound = isFound
    }
}

struct TextPatternTests {
    static let cases: [PatternCase] = [
        PatternCase("charges", "INSERT INTO Charges", true),
        PatternCase("^insert", "INSERT INTO charges", true),
        PatternCase("^into", "INSERT INTO charges", false),
        PatternCase("charges$", "INSERT INTO charges", true),
        PatternCase("charges$", "INSERT INTO charges (id)", false),
        PatternCase("", "", true),
        PatternCase("^$", "", true),
        PatternCase("^$", "x", false),
        PatternCase("a|b|", "zzz", true),
        PatternCase("^(select|insert)\\s+", "insert   x", true),
        PatternCase("^(select|insert)\\s+", "insertx", false),
        PatternCase("(?:ab)+c", "xxababc", true),
        PatternCase("(?:ab)+c", "xxabac", false),
        PatternCase("x{3}", "xx", false),
        PatternCase("x{3}", "xxx", true),
        PatternCase("^x{2,3}$", "xxxx", false),
        PatternCase("^x{2,}$", "xxxx", true),
        PatternCase("^x{0}y$", "y", true),
        PatternCase("[^0-9]", "123", false),
        PatternCase("[]a]", "]", true),
        PatternCase("[a-]", "-", true),
        PatternCase("[\\d.]+$", "v1.2", true),
        PatternCase("\\bid\\b", "WHERE id = 1", true),
        PatternCase("\\bid\\b", "WHERE paid = 1", false),
        PatternCase("\\Bid\\b", "WHERE paid = 1", true),
        PatternCase("a.c", "a\nc", true),
        PatternCase("\\$1", "VALUES ($1)", true),
        PatternCase("a.*?b", "a--b", true),
        PatternCase("(a*)*b", "aaab", true),
        PatternCase("(a|)*$", "c", true),
    ]

    @Test(arguments: cases)
    func `a pattern finds what it says`(_ row: PatternCase) throws {
        let pattern = try TextPattern(row.pattern, ignoresCase: true)
        #expect(pattern.isFound(in: Array(row.text.utf8)) == row.isFound)
    }

    @Test
    func `case counts when it is asked for`() throws {
        let pattern = try TextPattern("/Orders", ignoresCase: false)
        #expect(pattern.isFound(in: Array("/Orders/1".utf8)))
        #expect(!pattern.isFound(in: Array("/orders/1".utf8)))
    }

    @Test(arguments: [
        "(", ")", "a)", "[a", "[b-a]", "*a", "a**", "a{2,1}", "a{999}", "a{x}", "\\", "\\p",
        "(?=a)", "((((a{200}){200}){200}){200})", String(repeating: "a", count: 501),
        String(repeating: "(", count: 100) + String(repeating: ")", count: 100),
    ])
    func `a wrong pattern is refused with what to do`(_ text: String) {
        let error = #expect(throws: TextPatternError.self) {
            try TextPattern(text, ignoresCase: true)
        }
        #expect(error?.message.contains(". ") ?? false, "\(error?.message ?? "")")
    }

    @Test
    func `the worst pattern on the longest text costs pattern times text and no more`() throws {
        // A backtracking engine would need 2^8192 steps.
        let pattern = try TextPattern("^(a+)+(a|a)*(a*a*)*b$", ignoresCase: true)
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: SQLText.lengthMax)
        #expect(!pattern.isFound(in: text))
    }
}
