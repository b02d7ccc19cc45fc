import JSON
import Testing

/// A text and what the reader must say to it.
struct ReaderCase: Sendable, CustomTestStringConvertible {
    var text: String
    var value: JSONValue = .null
    var message = ""
    var testDescription: String { String(text.prefix(40)) }

    static func reads(_ text: String, _ value: JSONValue) -> ReaderCase {
        ReaderCase(text: text, value: value)
    }
    static func refuses(_ text: String, _ message: String) -> ReaderCase {
        ReaderCase(text: text, message: message)
    }
}

@Suite struct JSONReaderTests {
    static let valid: [ReaderCase] = [
        .reads("null", nil),
        .reads(" true\r\n\t", true),
        .reads("false", false),
        .reads("0", 0),
        .reads("-0", 0),
        .reads("5", 5),
        .reads("5.0", 5.0),
        .reads("-12", -12),
        .reads("9223372036854775807", .integer(.max)),
        .reads("-9223372036854775808", .integer(.min)),
        .reads("9223372036854775808", .number(9_223_372_036_854_775_808)),
        .reads("18446744073709551616", .number(18_446_744_073_709_551_616)),
        .reads("1e2", .number(100)),
        .reads("1E+2", .number(100)),
        .reads("0.1", .number(0.1)),
        .reads("-0.0", .number(-0.0)),
        .reads("123456789012345678901234567890", .number(1.2345678901234568e29)),
        .reads("5e-324", .number(.leastNonzeroMagnitude)),
        .reads("1e-400", .number(0)),
        .reads("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
        .reads(#""""#, ""),
        .reads(#""é ☃ 𝄞""#, "é ☃ 𝄞"),
        .reads(#""\"\\\/\b\f\n\r\t\u0041""#, "\"\\/\u{08}\u{0C}\n\r\tA"),
        .reads(#""\ud834\udd1e x""#, "𝄞 x"),
        .reads(#""\u0000""#, "\0"),
        .reads("\"\u{7F}\"", "\u{7F}"),
        .reads("[]", []),
        .reads("[ 1 , [2] ]", [1, [2]]),
        .reads("{}", [:]),
        .reads(#"{"b":1,"a":{"":null}}"#, ["b": 1, "a": ["": nil]]),
    ]

    @Test(arguments: valid)
    func `a valid text reads as its value`(_ each: ReaderCase) throws {
        #expect(try JSONValue.parse(each.text) == each.value)
        let document = JSONDocument(file: "f", bytes: Array(each.text.utf8))
        #expect(document.root?.value == each.value)
        #expect(document.problems.isEmpty)
    }

    static let invalid: [ReaderCase] = [
        .refuses("", "1:1: expected a value, found the end of the text."),
        .refuses("  \n ", "2:2: expected a value, found the end of the text."),
        .refuses(
            "\u{FEFF}{}",
            "1:1: the text starts with a byte order mark. "
                + "Save it as UTF-8 without a byte order mark (BOM)."
        ),
        .refuses("[1,]", "1:3: a comma stands before the closing ']'. Remove the comma."),
        .refuses("{\"a\":1,\n}", "1:7: a comma stands before the closing '}'. Remove the comma."),
        .refuses("[,1]", "1:2: expected a value, found ','. Remove the comma."),
        .refuses("[1 2]", "1:4: expected ',' or ']', found '2'. Put a comma between the two."),
        .refuses(
            "{\"a\":1 \"b\":2}",
            "1:8: expected ',' or '}', found a string. Put a comma between the two."
        ),
        .refuses("{\"a\" 1}", "1:6: expected ':' after the name \"a\", found '1'."),
        .refuses(
            "{a:1}",
            "1:2: expected a name in double quotes or '}', found 'a'. Put text in double quotes."
        ),
        .refuses(
            "{'a':1}",
            "1:2: expected a name in double quotes or '}', found a single quote. "
                + "Strings stand in double quotes."
        ),
        .refuses(
            "// x\n1",
            "1:1: expected a value, found '/'. "
                + "JSON has no comments: keep the text in a member whose name starts with x-."
        ),
        .refuses("NaN", "1:1: NaN is not JSON. Use a number or null."),
        .refuses("[-Infinity]", "1:2: -Infinity is not JSON. Use a number or null."),
        .refuses("True", "1:1: True is not JSON. Write true."),
        .refuses("None", "1:1: None is not JSON. Write null."),
        .refuses("nulls", "1:1: expected a value, found 'nulls'. Put text in double quotes."),
        .refuses("01", "1:1: a number starts with 0. Remove the leading zeros."),
        .refuses("-01", "1:1: a number starts with 0. Remove the leading zeros."),
        .refuses("1.", "1:2: expected a digit after the point. Write 1.0 for 1."),
        .refuses(".5", "1:1: expected a value, found '.'. Write a digit before the point."),
        .refuses("+1", "1:1: expected a value, found '+'. Write the number without +."),
        .refuses("-", "1:2: expected a digit after '-', found the end of the text."),
        .refuses("1e", "1:3: expected a digit of the exponent, found the end of the text."),
        .refuses("1e400", "1:1: 1e400 is too large. Numbers go up to 1.79e308."),
        .refuses(
            "100ms",
            "1:4: a number is followed by 'm'. "
                + "Put text and values with a unit in quotes."
        ),
        .refuses(
            "0x10",
            "1:2: a number is followed by 'x'. "
                + "Put text and values with a unit in quotes."
        ),
        .refuses("\"abc", "1:1: a string that starts here is never closed. Add a \"."),
        .refuses(
            "\"a\nb\"",
            "1:3: a string is still open at the end of the line. "
                + "Close the string on its line, or write the line break as \\n."
        ),
        .refuses(
            "\"\u{01}\"",
            "1:2: a string holds the byte 0x01. "
                + "Write it as \\u0001."
        ),
        .refuses(
            #""\x""#,
            "1:2: \\ is followed by 'x', which is no escape. "
                + "Write a backslash as \\\\."
        ),
        .refuses(
            #""\u12G4""#,
            "1:6: expected a hexadecimal digit, found 'G'. "
                + "Write four of them after \\u."
        ),
        .refuses(
            #""\ud834""#,
            "1:2: half of a surrogate pair stands alone. "
                + "Write both halves, or the character itself."
        ),
        .refuses(
            #""\udd1e""#,
            "1:2: half of a surrogate pair stands alone. "
                + "Write both halves, or the character itself."
        ),
        .refuses(
            #""\ud834\u0041""#,
            "1:2: half of a surrogate pair stands alone. "
                + "Write both halves, or the character itself."
        ),
        .refuses(
            "1 2",
            "1:3: expected the end of the text, found '2'. "
                + "One text holds one value: remove what follows it."
        ),
        .refuses("é", "1:1: expected a value, found 'é'. Put text in double quotes."),
        .refuses("[\"é\", é]", "1:7: expected a value, found 'é'. Put text in double quotes."),
        .refuses(
            "[",
            "1:2: expected a value, found the end of the text. "
                + "The text is cut off: add what is missing."
        ),
        .refuses(
            "[1",
            "1:3: expected ',' or ']', found the end of the text. "
                + "The text is cut off: add what is missing."
        ),
    ]

    @Test(arguments: invalid)
    func `an invalid text is refused with place and remedy`(_ each: ReaderCase) {
        var thrown = ""
        do throws(JSONError) {
            _ = try JSONValue.parse(each.text)
        } catch {
            thrown = error.description
        }
        #expect(thrown.hasPrefix(each.message))
        let document = JSONDocument(file: "f", bytes: Array(each.text.utf8))
        #expect(document.root == nil)
        #expect(document.problems.map(\.description) == [thrown])
    }

    @Test func `bytes that are not UTF-8 are refused at the first of them`() {
        let bytes: [UInt8] = Array("[\"é".utf8) + [0xC3, 0x28] + Array("\"]".utf8)
        #expect(throws: JSONError.self) { try JSONValue.parse(bytes) }
        let problem = JSONDocument(file: "f", bytes: bytes).problems.first
        #expect(problem?.offset == 4)
        #expect(problem?.column == 4)
    }

    @Test func `a bomb of brackets is refused, not recursed into`() {
        for text in [
            String(repeating: "[", count: 1_000_000), String(repeating: "{\"a\":", count: 500_000),
        ] {
            #expect(throws: JSONError.self) { try JSONValue.parse(text) }
            #expect(JSONDocument(file: "f", bytes: Array(text.utf8)).root == nil)
        }
        let deepest = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(throws: Never.self) { try JSONValue.parse(deepest) }
    }

    @Test func `a text beyond the bound is refused`() {
        let limits = JSONLimits(depth: 4, bytes: 3)
        #expect(throws: JSONError.self) { try JSONValue.parse("[10]", limits: limits) }
        #expect(throws: Never.self) { try JSONValue.parse("[1]", limits: limits) }
    }

    @Test func `an object of many names is read in linear time`() throws {
        let text = "{" + (0..<20_000).map { "\"n\($0)\":\($0)" }.joined(separator: ",") + "}"
        #expect(try JSONValue.parse(text).objectValue?.count == 20_000)
        #expect(throws: JSONError.self) {
            try JSONValue.parse(text.dropLast() + ",\"n19999\":1}" as String)
        }
    }
}
