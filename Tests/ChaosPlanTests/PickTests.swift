import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import JSON
import Testing

/// Some of the instances that a target stands for.
@Suite struct PickTests {
    private static let instances = ["payments", "payments-2", "payments-3", "payments-4"]

    private static let system: SystemDescription = {
        var system = SystemDescription(name: "shop", services: [], links: [], databases: [])
        system.services = (instances + ["orders", "orders-2"]).map { name in
            var service = SystemDescription.Service(name: name)
            service.role = name.split(separator: "-").first.map(String.init)
            return service
        }
        system.links = ["orders", "orders-2"].flatMap { source in
            instances.map { .init(name: "\(source)->\($0)", wireProtocol: .http) }
        }
        system.links.append(.init(name: "payments->payments-db", wireProtocol: .postgres))
        system.links.append(.init(name: "payments-2->payments-db", wireProtocol: .postgres))
        return system
    }()

    private static let manifests: [PluginManifest] = [
        fault("pause", of: "process", .process), fault("latency", of: "toxic", .link),
    ]

    private static func fault(
        _ name: String,
        of plugin: String,
        _ target: PluginFunction.TargetKind
    ) -> PluginManifest {
        var function = PluginFunction(name: name, kind: .fault, summary: "Hits.")
        function.target = target
        (function.effect, function.undo, function.bounds) = ("hits", "by itself", "one")
        return PluginManifest(name: plugin, version: "1", summary: "s", functions: [function])
    }

    private func plan(
        _ target: String,
        function: (String, String) = ("process", "pause"),
        radius: String = "",
        seed: UInt64 = 1
    ) throws -> (plan: Plan?, problems: [Problem]) {
        let text = """
            {"chaos": 1, "title": "t", "description": "d", "system": "shop", "method": [
              {"type": "action", "name": "hit", "duration": "5s", "target": \(target),
               "pauses": {"before": 1, "after": 2},
               "provider": {"type": "\(function.0)", "func": "\(function.1)"}}],
             "blast-radius": {"max-duration": "1m"\(radius)}}
            """
        let bytes = Array(text.utf8)
        let (experiment, problems) = ExperimentDecoder.decode(file: "x.json", bytes: bytes)
        guard let experiment else { return (nil, problems) }
        return Planner.plan(
            experiment,
            file: "x.json",
            bytes: bytes,
            system: Self.system,
            plugins: Self.manifests,
            seed: seed
        )
    }

    @Test(arguments: [
        ("\"one\"", 1), (#"{"count": 2}"#, 2), (#"{"percent": 50}"#, 2), (#"{"percent": 51}"#, 3),
        (#"{"percent": 1}"#, 1), (#"{"percent": 100}"#, 4), (#"{"count": 4}"#, 4),
    ])
    func `as many instances are hit as were asked for, at once, and each for itself`(
        pick: String,
        number: Int
    ) throws {
        let (planned, problems) = try plan(#"{"service": "payments", "pick": \#(pick)}"#)
        #expect(problems.map(\.text) == [])
        let steps = try #require(planned).steps
        let hit = steps.compactMap(\.target?.name)
        #expect(hit.count == number && Set(hit).count == number)
        #expect(hit.allSatisfy(Self.instances.contains))
        #expect(Set(steps.map(\.seed)).count == number)
        #expect(steps.dropLast().allSatisfy { $0.step.background && $0.step.pauseAfter == nil })
        #expect(steps.last?.step.background == false)
        #expect(steps.first?.step.pauseBefore == .seconds(1))
        #expect(steps.dropFirst().allSatisfy { $0.step.pauseBefore == nil })
        #expect(steps.last?.step.pauseAfter == .seconds(2))
        #expect(planned?.methodDuration == .seconds(8))
    }

    @Test func `the seed decides, and over many seeds each instance is hit about as often`() throws
    {
        var counts: [String: Int] = [:]
        for seed in 1...400 as ClosedRange<UInt64> {
            let target = #"{"service": "payments", "pick": "one"}"#
            let first = try #require(try plan(target, seed: seed).plan?.targets)
            #expect(try plan(target, seed: seed).plan?.targets == first)
            counts[first[0].name, default: 0] += 1
        }
        #expect(counts.count == 4 && counts.values.allSatisfy { (60...140).contains($0) })
    }

    @Test func `links are picked by the roles at their ends`() throws {
        let toxic = ("toxic", "latency")
        let all = #"{"link": "orders->payments", "pick": {"percent": 100}}"#
        let names = try plan(all, function: toxic).plan?.targets.map(\.name)
        #expect(names?.count == 8 && names?.contains("orders-2->payments-3") == true)
        let database = #"{"link": "payments->payments-db", "pick": {"count": 2}}"#
        #expect(
            try plan(database, function: toxic).plan?.targets.map(\.name)
                == ["payments->payments-db", "payments-2->payments-db"]
        )
    }

    @Test func `the plan says what was picked among what, and survives being saved`() throws {
        let plan = try #require(try plan(#"{"service": "payments", "pick": "one"}"#).plan)
        let name = try #require(plan.targets.first?.name)
        let line =
            "to       service \(name), picked by the seed: one of "
            + Self.instances.joined(separator: ", ")
        #expect(plan.lines.contains { $0.hasSuffix(line) }, "\(plan.lines)")
        #expect(try Plan(json: plan.json).lines == plan.lines)
    }

    @Test func `the blast radius names the role or each instance`() throws {
        let all = #"{"service": "payments", "pick": {"count": 4}}"#
        let role = #", "targets": [{"service": "payments"}]"#
        #expect(try plan(all, radius: role).problems.isEmpty)
        let three = Self.instances.dropFirst().map { #"{"service": "\#($0)"}"# }
        let few = ", \"targets\": [\(three.joined(separator: ", "))]"
        let problems = try plan(all, radius: few).problems
        #expect(problems.count == 1, "\(problems.map(\.text))")
        #expect(problems.first?.message == "the service payments lies outside the blast radius")
    }

    @Test(arguments: [
        (#"{"service": "payments", "pick": {"count": 5}}"#, "5 of 4 cannot be picked"),
        (#"{"service": "paiments", "pick": "one"}"#, "the system has no instance of the service"),
        (#"{"service": "payments", "pick": "two"}"#, "\"two\" is no pick"),
        (#"{"service": "payments", "pick": {"percent": 0}}"#, "is no pick"),
        (#"{"process": "4711", "pick": "one"}"#, "only services and links have instances"),
    ])
    func `what cannot be picked is told with its place`(target: String, message: String) throws {
        let problems = try plan(target).problems
        #expect(problems.contains { $0.message.contains(message) }, "\(problems.map(\.text))")
        #expect(problems.allSatisfy { $0.path.hasPrefix("method[0].target") && $0.line > 0 })
    }
}
