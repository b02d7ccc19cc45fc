import Testing

@testable import ShopBroker

struct LeasePlanTests {
    private static func leases(_ holders: [String?], over: Set<Int> = []) -> [LeasePlan.Lease] {
        holders.enumerated().map { index, holder in
            LeasePlan.Lease(
                place: BrokerLane.Place(topic: "t", partition: Int64(index)),
                member: holder,
                isOver: over.contains(index)
            )
        }
    }

    @Test func `the only member takes everything that nobody holds`() {
        let plan = LeasePlan(of: "a", members: ["a"], leases: Self.leases([nil, nil, nil]))
        #expect(plan.taken.map(\.partition) == [0, 1, 2])
        #expect(plan.kept.isEmpty && plan.released.isEmpty)
    }

    @Test func `who has more than its share gives the rest up`() {
        let plan = LeasePlan(of: "a", members: ["a", "b"], leases: Self.leases(["a", "a", "a"]))
        #expect(plan.kept.map(\.partition) == [0, 1])
        #expect(plan.released.map(\.partition) == [2])
    }

    @Test func `a living member's partition is not taken before its lease is over`() {
        let members = ["a", "b"]
        let held = LeasePlan(of: "b", members: members, leases: Self.leases(["a", "a"]))
        #expect(held.taken.isEmpty)
        let over = LeasePlan(of: "b", members: members, leases: Self.leases(["a", "a"], over: [1]))
        #expect(over.taken.map(\.partition) == [1])
    }

    @Test func `after two rounds all have their share and nothing moves any more`() {
        var generator = SplitMix(state: 7)
        for _ in 0..<200 {
            let members = (0..<Int.random(in: 1...5, using: &generator)).map { "m\($0)" }
            var holders: [String?] = (0..<Int.random(in: 0...9, using: &generator)).map { _ in
                Bool.random(using: &generator) ? members.randomElement(using: &generator) : "gone"
            }
            for round in 0..<3 {
                for member in members {
                    let plan = LeasePlan(of: member, members: members, leases: Self.leases(holders))
                    if round == 2 { #expect(plan.taken.isEmpty && plan.released.isEmpty) }
                    for place in plan.released { holders[Int(place.partition)] = nil }
                    for place in plan.taken { holders[Int(place.partition)] = member }
                }
            }
            let shares = members.map { member in holders.count { $0 == member } }
            #expect(shares.reduce(0, +) == holders.count)
            #expect((shares.max() ?? 0) - (shares.min() ?? 0) <= 1)
        }
    }
}

/// A seeded generator (SplitMix64, Vigna), so that a failure repeats.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
