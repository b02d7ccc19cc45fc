import JSON
import Testing

@testable import FaultProcess

@Suite struct LivesTests {
    private func lives(_ count: Int, seed: UInt64, mean: Double = 1000) -> [Duration] {
        var lives = Lives(["life": .number(mean), "lives": "exponential"], seed: seed)
        return (0..<count).map { _ in lives.next() }
    }

    @Test func `equal lives are as long as they are set`() {
        var lives = Lives(["life": 250.0], seed: 1)
        #expect(lives.areEqual)
        #expect((0..<3).map { _ in lives.next() } == Array(repeating: .milliseconds(250), count: 3))
    }

    @Test func `random lives are the seed's, and no other's`() {
        #expect(lives(20, seed: 7) == lives(20, seed: 7))
        #expect(lives(20, seed: 7) != lives(20, seed: 8))
    }

    @Test func `random lives have their mean, and an end`() {
        let drawn = lives(20_000, seed: 3).map { $0 / .milliseconds(1) }
        let mean = drawn.reduce(0, +) / Double(drawn.count)
        // The standard error is 7 ms.
        #expect(abs(mean - 1000) < 35)
        #expect(drawn.allSatisfy { $0 >= 0 && $0 <= 10_000 })
        // Exponential: 1/e of them outlive the mean.
        let share = Double(drawn.filter { $0 > 1000 }.count) / Double(drawn.count)
        #expect(abs(share - 0.3679) < 0.02)
    }
}
