import ShopCore
import Testing

@testable import ShopProcessor

/// Which requests the processor mishandles: the value that decides.
struct BehavioursTests {
    private static func rule(_ change: (inout BehaviourRequest) -> Void) -> BehaviourRequest {
        var rule = BehaviourRequest(leaseMilliseconds: 1_000)
        change(&rule)
        return rule
    }

    private static func hits(_ rule: BehaviourRequest, of count: Int) -> [Bool] {
        var behaviours = Behaviours()
        _ = behaviours.put("a", rule, now: 0)
        return (0..<count).map { _ in behaviours.next(now: 0) != Behaviours.Fate() }
    }

    @Test func `without a behaviour every request is served once and at once`() {
        var behaviours = Behaviours()
        #expect(behaviours.next(now: 0) == Behaviours.Fate())
        #expect(behaviours.all(now: 0) == [])
    }

    @Test func `a share is hit, by the seed and nothing else`() {
        let fifth = Self.rule {
            $0.failure = .after
            $0.share = 0.2
            $0.seed = 7
        }
        let hits = Self.hits(fifth, of: 5_000)
        #expect((900...1_100).contains(hits.count { $0 }))
        #expect(hits == Self.hits(fifth, of: 5_000))
        var other = fifth
        other.seed = -7
        #expect(hits != Self.hits(other, of: 5_000))
        for (share, count) in [(0.0, 0), (1.0, 100)] {
            other.share = share
            #expect(Self.hits(other, of: 100).count { $0 } == count)
        }
    }

    @Test func `after its times it is spent, and told still`() {
        var behaviours = Behaviours()
        let rule = Self.rule {
            $0.answers = 2
            $0.times = 3
        }
        _ = behaviours.put("a", rule, now: 0)
        let answers = (0..<5).map { _ in behaviours.next(now: 0).answers }
        #expect(answers == [2, 2, 2, 1, 1])
        let entry = behaviours.all(now: 0).first
        #expect(entry?.hits == 3 && entry?.requests == 5)
    }

    @Test func `behaviours add up, and the first that fails decides`() {
        var behaviours = Behaviours()
        _ = behaviours.put("slow", Self.rule { $0.delayMilliseconds = 20 }, now: 0)
        _ = behaviours.put("before", Self.rule { $0.failure = .before }, now: 0)
        let rule = Self.rule {
            $0.failure = .after
            $0.delayMilliseconds = 30
        }
        _ = behaviours.put("after", rule, now: 0)
        _ = behaviours.put("twice", Self.rule { $0.answers = 2 }, now: 0)
        let fate = Behaviours.Fate(delayMilliseconds: 20, failure: .before, answers: 2)
        #expect(behaviours.next(now: 0) == fate)
        // What did not happen is no hit.
        #expect(behaviours.all(now: 0).map(\.hits) == [1, 1, 0, 1])
    }

    @Test func `it ends with its lease, unless that is renewed`() {
        var behaviours = Behaviours()
        let rule = Self.rule { $0.failure = .before }
        let second: Int64 = 1_000_000_000
        _ = behaviours.put("a", rule, now: 0)
        #expect(behaviours.next(now: second - 1).failure == .before)
        #expect(behaviours.renew("a", leaseMilliseconds: 2_000, now: second - 1)?.hits == 1)
        #expect(behaviours.next(now: 2 * second).failure == .before)
        #expect(behaviours.next(now: 3 * second).failure == nil)
        #expect(behaviours.renew("a", leaseMilliseconds: 2_000, now: 3 * second) == nil)
        #expect(behaviours.remove("a", now: 3 * second) == nil)
    }

    @Test func `a name is one behaviour, and there is room for sixteen`() {
        var behaviours = Behaviours()
        let rule = Self.rule { $0.failure = .before }
        let first = behaviours.put("0", rule, now: 0)
        #expect(first?.isNew == true)
        _ = behaviours.next(now: 0)
        let again = behaviours.put("0", rule, now: 0)
        #expect(again?.isNew == false && again?.entry.hits == 0)
        for number in 1..<Behaviours.countMax {
            #expect(behaviours.put("\(number)", rule, now: 0) != nil)
        }
        #expect(behaviours.put("more", rule, now: 0) == nil)
        #expect(behaviours.put("0", rule, now: 0) != nil)
        #expect(behaviours.remove("1", now: 0)?.name == "1")
        #expect(behaviours.put("more", rule, now: 0) != nil)
        #expect(behaviours.put("other", rule, now: 1_000_000_000) != nil)
        #expect(behaviours.all(now: 1_000_000_000).map(\.name) == ["other"])
    }

    @Test func `a random walk never breaks what must hold`() {
        var random = SeededGenerator(state: 20_261_129)
        var behaviours = Behaviours()
        var now: Int64 = 0
        for _ in 0..<2_000 {
            now += Int64.random(in: 0...300_000_000, using: &random)
            let name = "\(Int.random(in: 0..<20, using: &random))"
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                let rule = Self.rule {
                    $0.failure = Bool.random(using: &random) ? .after : nil
                    $0.answers = 2
                    $0.share = Double.random(in: 0...1, using: &random)
                    $0.times = Int64.random(in: 1...3, using: &random)
                }
                _ = behaviours.put(name, rule, now: now)
            case 1: _ = behaviours.remove(name, now: now)
            case 2: _ = behaviours.renew(name, leaseMilliseconds: 500, now: now)
            default: _ = behaviours.next(now: now)
            }
            let entries = behaviours.all(now: now)
            #expect(entries.count <= Behaviours.countMax)
            #expect(Set(entries.map(\.name)).count == entries.count)
            for entry in entries {
                #expect(entry.until > now)
                #expect(entry.hits <= min(entry.requests, entry.rule.times ?? .max))
            }
        }
    }

    @Test func `a body with mistakes is refused with all of them`() {
        let body = #"{"fial":"after","answers":9,"share":1.5,"for_ms":0}"#
        do {
            _ = try BehaviourRequest(body: Array(body.utf8))
            Issue.record("it was taken")
        } catch {
            #expect(
                error.problems.map { $0.prefix { $0 != ":" } } == [
                    "fial", "for_ms", "answers", "share",
                ]
            )
        }
        #expect(throws: RequestError.self) {
            try BehaviourRequest(body: Array(#"{"for_ms":5,"share":0.5}"#.utf8))
        }
        #expect(throws: RequestError.self) {
            try BehaviourRequest.lease(body: Array(#"{"for_ms":5,"fail":"after"}"#.utf8))
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
