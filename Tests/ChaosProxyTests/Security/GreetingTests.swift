import Testing

@testable import ChaosProxy

struct GreetingTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let bytes: [UInt8]
        let greeting: PostgresGreeting
    }

    static let cases = [
        Case(
            testDescription: "SSLRequest",
            bytes: [0, 0, 0, 8, 4, 210, 22, 47],
            greeting: .encryption
        ),
        Case(
            testDescription: "SSLRequest with something stuffed behind it",
            bytes: [0, 0, 0, 8, 4, 210, 22, 47, 0x51],
            greeting: .encryption
        ),
        Case(
            testDescription: "GSSENCRequest",
            bytes: [0, 0, 0, 8, 4, 210, 22, 48],
            greeting: .kerberos
        ),
        Case(testDescription: "a first byte", bytes: [0], greeting: .incomplete),
        Case(
            testDescription: "seven bytes",
            bytes: [0, 0, 0, 8, 4, 210, 22],
            greeting: .incomplete
        ),
        Case(testDescription: "a ClientHello", bytes: [0x16, 3, 1], greeting: .handshake),
        Case(
            testDescription: "a start-up message",
            bytes: [0, 0, 0, 84, 0, 3, 0, 0],
            greeting: .session
        ),
        Case(
            testDescription: "a start-up message, cut",
            bytes: [0, 0, 0, 84],
            greeting: .session
        ),
        Case(
            testDescription: "a cancel request",
            bytes: [0, 0, 0, 16, 4, 210, 22, 46],
            greeting: .session
        ),
        Case(testDescription: "nonsense", bytes: Array("GET / HT".utf8), greeting: .session),
    ]

    @Test(arguments: cases)
    func `the first bytes of a PostgreSQL client tell what it asks for`(_ example: Case) {
        #expect(PostgresGreeting(example.bytes) == example.greeting)
    }
}
