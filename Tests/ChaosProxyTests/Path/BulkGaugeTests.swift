import Testing

@testable import ChaosProxy

struct BulkGaugeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let pieces: [Int]
        let isBulk: Bool
    }

    private static let large = 256 << 10
    private static let many = [Int](repeating: large, count: 4)

    static let cases = [
        Case(testDescription: "nothing", pieces: [], isBulk: false),
        Case(testDescription: "just below the threshold", pieces: [(1 << 20) - 1], isBulk: false),
        Case(testDescription: "large pieces up to the threshold", pieces: many, isBulk: true),
        Case(
            testDescription: "a million requests of 100 bytes",
            pieces: [Int](repeating: 100, count: 1_000_000),
            isBulk: false
        ),
        Case(
            testDescription: "large answers between small ones",
            pieces: (0..<100).flatMap { _ in [64 << 10, 100] },
            isBulk: false
        ),
        Case(testDescription: "two small pieces at the end", pieces: many + [1, 1], isBulk: true),
        Case(
            testDescription: "three small pieces at the end",
            pieces: many + [1, 1, 1],
            isBulk: false
        ),
        Case(
            testDescription: "bulk, a pause, bulk again",
            pieces: many + [1, 1, 1] + many,
            isBulk: true
        ),
    ]

    @Test(arguments: cases)
    func `a stream is bulk after much in large pieces and until it talks`(_ example: Case) {
        var gauge = BulkGauge()
        for piece in example.pieces { gauge.moved(piece) }
        #expect(gauge.isBulk == example.isBulk)
    }

    @Test
    func `a socket that cannot be spliced earns it anew`() {
        var gauge = BulkGauge()
        for piece in BulkGaugeTests.many { gauge.moved(piece) }
        gauge.reset()
        #expect(gauge == BulkGauge())
    }
}
