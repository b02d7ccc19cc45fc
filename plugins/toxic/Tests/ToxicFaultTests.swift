import ChaosModel
import ChaosPluginAPI
import ChaosProxy
import EventLoop
import JSON
import Testing

@testable import FaultToxic

struct FaultCase: Sendable, CustomTestStringConvertible {
    var function: String
    var arguments: JSONObject
    /// Whether an exchange succeeds while the fault is in effect.
    var succeeds: Bool
    var testDescription: String { function }
}

@Suite(.serialized)
struct ToxicFaultTests {
    static let cases: [FaultCase] = [
        FaultCase(
            function: "latency",
            arguments: ["latency": 20, "jitter": 5, "stream": "upstream", "toxicity": 1],
            succeeds: true
        ),
        FaultCase(function: "timeout", arguments: ["timeout": 20.0], succeeds: false),
        FaultCase(function: "reset-peer", arguments: ["timeout": 0], succeeds: false),
        FaultCase(function: "bandwidth", arguments: ["rate": 100_000], succeeds: true),
        FaultCase(function: "shared-bandwidth", arguments: ["rate": 100_000], succeeds: true),
        FaultCase(function: "slow-close", arguments: ["delay": 20], succeeds: true),
        FaultCase(
            function: "slicer",
            arguments: ["average-size": 1, "size-variation": 0, "delay": 0.5],
            succeeds: true
        ),
        FaultCase(function: "limit-data", arguments: ["bytes": 0], succeeds: false),
        FaultCase(function: "loss", arguments: ["share": 1], succeeds: false),
        FaultCase(
            function: "loss",
            arguments: ["share": 0, "bad-share": 1, "to-bad": 1, "to-good": 0],
            succeeds: false
        ),
        FaultCase(function: "corrupt", arguments: ["share": 1, "bits": 8], succeeds: true),
        FaultCase(function: "syn-blackhole", arguments: [:], succeeds: false),
        FaultCase(function: "down", arguments: [:], succeeds: false),
    ]

    @Test(arguments: cases)
    func `the effect is measured and the undo restores the exact former state`(
        _ row: FaultCase
    ) async throws {
        try await ToxicRig.run { rig in
            try await rig.link()
            let fault = try #require(try ToxicPlugin().fault(row.function))
            let context = rig.context(row.arguments)
            let former = try await rig.proxy()
            let undo = try await fault.prepare(context)
            #expect(try await rig.proxy() == former, "prepare changes nothing")
            #expect(undo.target == "a->b")
            try await fault.inject(context, undo)
            #expect(await rig.exchange() == row.succeeds)
            let loop = try #require(Loop.current)
            let deadline = Loop.monotonicNanoseconds() + 5_000_000_000
            while try await fault.confirm(context, undo).hits == 0 {
                try #require(Loop.monotonicNanoseconds() < deadline, "the fault never hit")
                try await loop.sleep(for: .milliseconds(5))
            }
            await #expect(throws: ToxicError.self) { try await fault.confirmReverted(undo) }
            for _ in 0..<2 {
                try await fault.revert(undo)
                try await fault.confirmReverted(undo)
                var now = try await rig.proxy()
                if case .object(var members) = now {
                    members["cuts"] = former["cuts"]
                    now = .object(members)
                }
                #expect(now == former)
            }
            #expect(await rig.exchange())
        }
    }

    @Test(arguments: ["latency", "down"])
    func `a fault that nobody confirms any more undoes itself`(_ function: String) async throws {
        try await ToxicRig.run { rig in
            try await rig.link()
            let fault = try #require(try ToxicPlugin().fault(function))
            let context = rig.context(["latency": 1])
            var undo = try await fault.prepare(context)
            undo.state["until_us"] = .integer(Loop.wallMicroseconds() + 200_000)
            try await fault.inject(context, undo)
            await #expect(throws: ToxicError.self) { try await fault.confirmReverted(undo) }
            let loop = try #require(Loop.current)
            let deadline = Loop.monotonicNanoseconds() + 5_000_000_000
            while (try? await fault.confirmReverted(undo)) == nil {
                try #require(Loop.monotonicNanoseconds() < deadline)
                try await loop.sleep(for: .milliseconds(5))
            }
            #expect(await rig.exchange())
        }
    }

    @Test
    func `confirming renews the lease`() async throws {
        try await ToxicRig.run { rig in
            try await rig.link()
            let fault = try #require(try ToxicPlugin().fault("latency"))
            let context = rig.context(["latency": 1])
            var undo = try await fault.prepare(context)
            let until = undo.state["until_us"]
            undo.state["until_us"] = .integer(Loop.wallMicroseconds() + 1_000_000)
            try await fault.inject(context, undo)
            undo.state["until_us"] = until
            _ = try await fault.confirm(context, undo)
            let toxic = try await rig.proxy()["toxics"]?[0]
            #expect(toxic?["ttl"]?.integerValue ?? 0 > 5_000)
            #expect(toxic?["name"] == undo.state["toxic"])
        }
    }

    @Test
    func `what cannot be hit is refused with a remedy`() async throws {
        try await ToxicRig.run { rig in
            try await rig.link()
            let latency = try #require(try ToxicPlugin().fault("latency"))
            var context = rig.context(["latency": 1])
            context.target = .link("a->c")
            await expectError("the proxy carries no link a->c", latency, context)
            context.target = nil
            await expectError("there is no link to hit", latency, context)
            context = rig.context(["api": "http://127.0.0.1:1"])
            await expectError("no proxy listens — http://127.0.0.1:1", latency, context)
            context = rig.context()
            context.system = nil
            await expectError("no proxy is known that carries a->b", latency, context)
            let lose = try #require(try ToxicPlugin().fault("lose-commit-ack"))
            await expectError(
                "lose-commit-ack needs a link that speaks postgres",
                lose,
                rig.context()
            )
            let both = rig.context(["every": 2, "nth": 3])
            await expectError("every and nth cannot hold together", lose, both)
            try await rig.ask("POST", "/proxies/a-%3Eb", #"{"enabled":false}"#)
            await expectError("the link is down", latency, rig.context(["latency": 1]))
            let down = try #require(try ToxicPlugin().fault("down"))
            await expectError("the link is down already", down, rig.context())
        }
    }

    private func expectError(
        _ start: String,
        _ fault: any Fault,
        _ context: StepContext
    ) async {
        do {
            _ = try await fault.prepare(context)
            Issue.record("prepare succeeded; expected: \(start)")
        } catch {
            #expect("\(error)".hasPrefix(start))
        }
    }

    @Test
    func `with the proxy dead, undoing is done; a vanished toxic is an error of the fault`()
        async throws
    {
        try await ToxicRig.run { rig in
            try await rig.link()
            let fault = try #require(try ToxicPlugin().fault("latency"))
            let context = rig.context(["latency": 1])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            try await rig.ask("POST", "/reset")
            await #expect(throws: ToxicError.self) { try await fault.confirm(context, undo) }
            await rig.server.shutdown()
            for function in ["latency", "down"] {
                let fault = try #require(try ToxicPlugin().fault(function))
                try await fault.revert(undo)
                try await fault.confirmReverted(undo)
            }
        }
    }

    @Test
    func `the manifest names a fault for each of its functions`() throws {
        let plugin = try ToxicPlugin()
        #expect(plugin.manifest.functions.count == ToxicForm.forms.count + 1)
        for function in plugin.manifest.functions {
            #expect(function.kind == .fault)
            #expect(function.target == .link)
            #expect(plugin.fault(function.name) != nil)
            #expect(function.effect != nil && function.undo != nil && function.bounds != nil)
        }
        #expect(plugin.fault("nonsense") == nil)
    }
}
