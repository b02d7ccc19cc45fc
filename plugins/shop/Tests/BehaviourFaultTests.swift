import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON
import ShopCore
import Testing

@testable import FaultShop

@Suite(.serialized)
struct BehaviourFaultTests {
    private static let fault = BehaviourFault()

    struct Case: Sendable, CustomTestStringConvertible {
        var arguments: JSONObject
        /// What the processor has to say of it.
        var told: JSONObject
        var testDescription: String { JSONValue.object(arguments).serialized() }
    }

    private static let cases = [
        Case(arguments: ["fail": "before"], told: ["fail": "before"]),
        Case(arguments: ["fail": "after", "share": 1], told: ["fail": "after", "share": 1]),
        Case(arguments: ["answers": 3, "times": 9], told: ["answers": 3, "times": 9]),
        Case(arguments: ["delay": 20.0, "share": 1], told: ["delay_ms": 20]),
    ]

    @Test(arguments: cases)
    func `the effect is measured and the undo restores the exact former state`(
        _ row: Case
    ) async throws {
        try await ProcessorRig.run { rig in
            let context = rig.context(row.arguments)
            let undo = try await Self.fault.prepare(context)
            #expect(try await rig.behaviours().isEmpty)
            try await Self.fault.inject(context, undo)
            #expect(try await Self.fault.confirm(context, undo).hits == 0)
            let status = try await rig.charge()
            #expect(status == (row.arguments["fail"] == nil ? 402 : 500))
            let effect = try await Self.fault.confirm(context, undo)
            #expect(effect.hits == 1 && effect.unit == "requests mishandled")
            let behaviour = try #require(try await rig.behaviours().first)
            for member in row.told.members {
                #expect(behaviour[member.name]?.doubleValue == member.value.doubleValue)
                #expect(behaviour[member.name]?.stringValue == member.value.stringValue)
            }
            await #expect(throws: ShopFaultError.self) {
                try await Self.fault.confirmReverted(undo)
            }
            for _ in 0..<2 {
                try await Self.fault.revert(undo)
                try await Self.fault.confirmReverted(undo)
                #expect(try await rig.behaviours().isEmpty)
            }
            #expect(try await rig.charge() == 402)
        }
    }

    @Test func `a fault that nobody confirms any more undoes itself`() async throws {
        try await ProcessorRig.run { rig in
            let context = rig.context()
            var undo = try await Self.fault.prepare(context)
            undo.state["until_us"] = .integer(Loop.wallMicroseconds() + 200_000)
            try await Self.fault.inject(context, undo)
            await #expect(throws: ShopFaultError.self) {
                try await Self.fault.confirmReverted(undo)
            }
            let loop = try #require(Loop.current)
            let deadline = Loop.monotonicNanoseconds() + 5_000_000_000
            while (try? await Self.fault.confirmReverted(undo)) == nil {
                try #require(Loop.monotonicNanoseconds() < deadline)
                try await loop.sleep(for: .milliseconds(5))
            }
            #expect(try await rig.charge() == 402)
        }
    }

    @Test func `confirming renews the lease, and brings back nothing that was undone`()
        async throws
    {
        try await ProcessorRig.run { rig in
            let context = rig.context()
            var undo = try await Self.fault.prepare(context)
            let until = undo.state["until_us"]
            undo.state["until_us"] = .integer(Loop.wallMicroseconds() + 2_000_000)
            try await Self.fault.inject(context, undo)
            undo.state["until_us"] = until
            _ = try await Self.fault.confirm(context, undo)
            let behaviour = try await rig.behaviours().first
            #expect((5_000...15_000).contains(behaviour?["for_ms"]?.integerValue ?? 0))
            try await Self.fault.revert(undo)
            await #expect(throws: ShopFaultError.self) {
                try await Self.fault.confirm(context, undo)
            }
            #expect(try await rig.behaviours().isEmpty)
        }
    }

    @Test func `a restart forgets the behaviour, and the fault says so`() async throws {
        try await ProcessorRig.run { rig in
            let context = rig.context()
            let undo = try await Self.fault.prepare(context)
            try await Self.fault.inject(context, undo)
            try await rig.restart()
            await #expect(throws: ShopFaultError.self) {
                try await Self.fault.confirm(context, undo)
            }
            try await Self.fault.revert(undo)
            try await Self.fault.confirmReverted(undo)
            #expect(try await rig.charge() == 402)
        }
    }

    @Test func `with the processor dead, undoing is done`() async throws {
        try await ProcessorRig.run { rig in
            let context = rig.context()
            let undo = try await Self.fault.prepare(context)
            try await Self.fault.inject(context, undo)
            await rig.processor.stop()
            try await Self.fault.revert(undo)
            try await Self.fault.confirmReverted(undo)
            await expectError("no processor that can be told", context)
        }
    }

    @Test func `what cannot be hit is refused with a remedy`() async throws {
        try await ProcessorRig.run { rig in
            await expectError("there is no way to misbehave — arguments", rig.context(["share": 1]))
            var context = rig.context()
            context.target = nil
            await expectError("there is no processor to hit — target", context)
            context.target = .service("orders")
            await expectError("no address is known of orders", context)
            context.system?.services = [.init(name: "orders", url: rig.processor.url)]
            await expectError("orders does not misbehave when it is told to", context)
            context = rig.context(["fail": "never"])
            let undo = try await Self.fault.prepare(context)
            await #expect(throws: ShopFaultError.self) {
                try await Self.fault.inject(context, undo)
            }
            #expect(try await rig.behaviours().isEmpty)
        }
    }

    private func expectError(_ start: String, _ context: StepContext) async {
        do {
            _ = try await Self.fault.prepare(context)
            Issue.record("prepare succeeded; expected: \(start)")
        } catch {
            #expect("\(error)".hasPrefix(start))
        }
    }

    @Test func `what is in force is a fact that is compared before and after`() async throws {
        try await ProcessorRig.run { rig in
            let context = rig.context()
            let plugin = try ShopPlugin()
            let before = try await plugin.hostFacts(of: "behaviour", context)
            let undo = try await Self.fault.prepare(context)
            try await Self.fault.inject(context, undo)
            #expect(try await plugin.hostFacts(of: "behaviour", context) != before)
            try await Self.fault.revert(undo)
            #expect(try await plugin.hostFacts(of: "behaviour", context) == before)
            #expect(before.first?.value == "behaves")
        }
    }

    @Test func `the manifest names a fault for each of its functions`() throws {
        let plugin = try ShopPlugin()
        #expect(plugin.manifest.functions.map(\.name) == ["behaviour"])
        for function in plugin.manifest.functions {
            #expect(function.kind == .fault && function.target == .service)
            #expect(plugin.fault(function.name) != nil)
            #expect(function.effect != nil && function.undo != nil && function.bounds != nil)
        }
        #expect(plugin.fault("nonsense") == nil)
    }
}
