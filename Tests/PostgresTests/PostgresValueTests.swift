import Testing

@testable import Postgres

@Suite struct PostgresValueTests {
    @Test(
        arguments: [
            (PostgresValue.null, nil),
            (.string("a'b\\c"), "a'b\\c"),
            (.int(.min), "-9223372036854775808"),
            (.bool(true), "t"),
            (.double(0.1), "0.1"),
            (.double(.nan), "NaN"),
            (.double(-.infinity), "-Infinity"),
            (.bytes([0, 255, 16]), "\\x00ff10"),
            (.json("{\"a\":1}"), "{\"a\":1}"),
            (.strings([]), "{}"),
            (
                .strings(["a,b", nil, "NULL", "q\"\\", "{}", ""]),
                #"{"a,b",NULL,"NULL","q\"\\","{}",""}"#
            ),
            (.ints([1, nil, -3]), "{1,NULL,-3}"),
        ] as [(PostgresValue, String?)]
    )
    func `a value's text is what PostgreSQL reads`(value: PostgresValue, text: String?) {
        #expect(value.text == text)
    }

    @Test func `a NUL character is refused before anything is sent`() {
        let error = #expect(throws: PostgresError.self) {
            _ = try ParameterTexts(["fine", "a\0b"])
        }
        #expect(error?.code == .value)
        #expect(error?.isDefinite == true)
        #expect(error?.message.contains("$2") == true)
    }

    @Test func `more than 65535 parameters are refused`() throws {
        _ = try ParameterTexts(Array(repeating: nil, count: 65_535))
        #expect(throws: PostgresError.self) {
            _ = try ParameterTexts(Array(repeating: nil, count: 65_536))
        }
    }

    @Test func `a refusal's SQLSTATE is taken out of its text`() {
        let refusal = RefusalText.parse(
            """
            connection to server at "127.0.0.1", port 1 failed: FATAL:  57P03: the database is \
            starting
            LOCATION:  ProcessStartupPacket, postmaster.c:2401
            """
        )
        #expect(refusal.sqlState == "57P03")
        #expect(
            refusal.text
                == "connection to server at \"127.0.0.1\", port 1 failed: FATAL: "
                + "the database is starting"
        )
        #expect(RefusalText.parse("no such file").sqlState == nil)
    }
}
