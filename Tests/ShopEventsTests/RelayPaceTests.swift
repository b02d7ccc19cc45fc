import Testing

@testable import ShopEvents

struct RelayPaceTests {
    @Test func `the emptier a batch was, the longer the rest`() {
        var pace = RelayPace()
        #expect(pace.rest(after: 1000, of: 1000) == .zero)
        #expect(pace.rest(after: 500, of: 1000) == .zero)
        #expect(pace.rest(after: 250, of: 1000) == .milliseconds(10))
        #expect(pace.rest(after: 50, of: 1000) == .milliseconds(18))
        #expect(pace.rest(after: 1, of: 1000) == .microseconds(19_960))
    }

    @Test func `looks that find nothing become rare, and one event ends that`() {
        var pace = RelayPace()
        let rests = (0..<5).map { _ in pace.rest(after: 0, of: 1000) }
        #expect(rests == [20, 40, 80, 100, 100].map { .milliseconds($0) })
        #expect(pace.rest(after: 500, of: 1000) == .zero)
        #expect(pace.rest(after: 0, of: 1000) == .milliseconds(20))
    }
}
