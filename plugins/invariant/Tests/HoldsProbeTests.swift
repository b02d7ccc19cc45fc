import EventLoop
import JSON
import Synchronization
import Testing

@testable import FaultInvariant

@Suite struct HoldsProbeTests {
    @Test func `the loop goes on while invariants are checked`() async throws {
        let hasTurned = Atomic(false)
        let patient = Invariant(
            name: "patient",
            statement: "The loop turns.",
            anomaly: "a loop that stands still"
        ) { _ in
            let end = Loop.monotonicNanoseconds() + 10_000_000_000
            while !hasTurned.load(ordering: .acquiring) {
                if Loop.monotonicNanoseconds() > end {
                    return Invariant.Finding(checked: 1, witnesses: [["loop": "stood still"]])
                }
            }
            return Invariant.Finding(checked: 1)
        }
        let loop = try Loop.start(label: "holds-probe-test")
        defer { loop.stop() }
        let choice = HoldsProbe.Choice(invariants: [patient], isExplicit: true)
        let judgement = loop.spawn {
            // Queued behind this task: it runs only when this one has let go of the loop.
            loop.spawn { hasTurned.store(true, ordering: .releasing) }
            return try await HoldsProbe.besideLoop { try HoldsProbe.judge(choice, soundShop()) }
        }
        #expect(try await judgement.value["holds"] == true)
    }
}
