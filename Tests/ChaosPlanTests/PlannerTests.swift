import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import JSON
import Testing

@Suite struct PlannerTests {
    static let system: SystemDescription = {
        SystemDescription(
            name: "shop",
            services: [.init(name: "payments"), .init(name: "orders")],
            links: [
                .init(name: "payments->processor", wireProtocol: .http),
                .init(name: "payments->payments-db", wireProtocol: .postgres),
            ],
            databases: []
        )
    }()

    static let manifests: [PluginManifest] = {
        var latency = PluginFunction(name: "latency", kind: .fault, summary: "Delays.")
        latency.target = .link
        latency.effect = "chunks delayed"
        latency.undo = "the toxic is removed"
        latency.bounds = "0 to 10m"
        var delay = ArgumentSchema(name: "latency", type: .duration, summary: "How long.")
        delay.isRequired = true
        delay.maximum = "10m"
        var jitter = ArgumentSchema(name: "jitter", type: .duration, summary: "Plus or minus.")
        jitter.defaultValue = "0ms"
        latency.arguments = [delay, jitter]
        var ratio = PluginFunction(name: "success-ratio", kind: .probe, summary: "Reads.")
        ratio.unit = "ratio"
        ratio.isCumulative = true
        var operation = ArgumentSchema(name: "operation", type: .string, summary: "Which.")
        operation.isRequired = true
        operation.choices = ["placement", "checkout"]
        ratio.arguments = [operation]
        let read = PluginFunction(name: "read", kind: .probe, summary: "Reads.")
        let run = PluginFunction(name: "run", kind: .action, summary: "Runs.")
        return [
            PluginManifest(name: "toxic", version: "1", summary: "Faults.", functions: [latency]),
            PluginManifest(name: "metric", version: "1", summary: "Reads.", functions: [ratio]),
            PluginManifest(
                name: "process",
                version: "1",
                summary: "Runs.",
                functions: [run, read]
            ),
        ]
    }()

    static let whole = """
        {
          "chaos": 1, "title": "Slow ${what}", "description": "d", "system": "shop", "seed": 7,
          "configuration": {"what": "processor", "delay": "200ms", "wait": 1.5},
          "load": {"rate": "20/s"},
          "steady-state-hypothesis": {"title": "customers get through", "strategy": "on-fault",
            "recovers-within": "30s", "probes": [
            {"type": "probe", "name": "checkouts succeed", "tolerance": {"at-least": "99%"},
             "provider": {"type": "metric", "func": "success-ratio",
               "arguments": {"operation": "checkout"}}}]},
          "method": [
            {"type": "action", "name": "delay the processor", "duration": "20s",
             "target": {"link": "payments->processor"}, "effect": {"at-least": 5},
             "provider": {"type": "toxic", "func": "latency", "arguments": {"latency": "${delay}"}},
             "pauses": {"after": "${wait}"}},
            {"type": "probe", "name": "look", "tolerance": 0,
             "provider": {"type": "process", "path": "true"}}
          ],
          "rollbacks": [{"type": "action", "name": "tidy",
            "provider": {"type": "process", "path": "true"}}],
          "blast-radius": {"max-duration": "1m", "targets": [{"link": "payments->processor"}]},
          "abort-when": [{"name": "nothing works", "period": "2s", "tolerance": {"at-most": "10%"},
            "provider": {"type": "metric", "func": "success-ratio",
              "arguments": {"operation": "checkout"}}}]
        }
        """

    static func plan(_ text: String) -> (plan: Plan?, problems: [Problem]) {
        let bytes = Array(text.utf8)
        let (experiment, problems) = ExperimentDecoder.decode(file: "x.json", bytes: bytes)
        guard let experiment else { return (nil, problems) }
        return Planner.plan(
            experiment,
            file: "x.json",
            bytes: bytes,
            system: experiment.system == nil ? nil : Self.system,
            plugins: manifests,
            seed: Planner.seed(explicit: nil, experiment: experiment, derived: 99)
        )
    }

    @Test func `arguments are canonical, defaults filled in and names replaced`() throws {
        let (planned, problems) = Self.plan(Self.whole)
        #expect(problems.map(\.text) == [])
        let plan = try #require(planned)
        #expect(plan.title == "Slow processor")
        #expect(plan.seed == 7)
        let fault = plan.steps[0]
        #expect(fault.step.provider.arguments == ["latency": 200.0, "jitter": 0.0])
        #expect(fault.argumentTexts == ["latency 200ms", "jitter 0s"])
        #expect(fault.hold == .seconds(20))
        #expect(fault.target == .link("payments->processor"))
        #expect(fault.step.pauseAfter == .milliseconds(1500))
        #expect(fault.isFault)
        #expect(plan.steps[1].function.name == "read")
        #expect(plan.rollbacks[0].function.name == "run")
        #expect(plan.targets == [.link("payments->processor")])
        #expect(plan.hypothesis?.probes[0].phases == [.before, .during, .after])
        #expect(plan.aborts[0].period == .seconds(2))
        #expect(plan.methodDuration == .milliseconds(21_500))
        #expect(plan.estimate == .milliseconds(39_500))
        #expect(plan.plugins.map(\.name) == ["toxic", "metric", "process"])
    }

    @Test func `text keeps its names for the runner, which puts in the values once`() throws {
        let text = Self.whole
            .replacing("\"wait\": 1.5", with: "\"wait\": 1.5, \"op\": \"checkout\"")
            .replacing("{\"operation\": \"checkout\"}", with: "{\"operation\": \"${op}\"}")
        let plan = try #require(Self.plan(text).plan)
        let probe = try #require(plan.hypothesis?.probes.first)
        #expect(probe.step.provider.arguments == ["operation": "${op}"])
        #expect(probe.argumentTexts == ["operation checkout"])
        let broken = text.replacing("\"op\": \"checkout\"", with: "\"op\": \"chekout\"")
        #expect(
            Self.plan(broken).problems.first?.text.contains("Did you mean \"checkout\"?") == true
        )
    }

    @Test func `seeds differ between steps and repeat with the plan's seed`() throws {
        let first = try #require(Self.plan(Self.whole).plan)
        let second = try #require(Self.plan(Self.whole).plan)
        let seeds = (first.steps + first.rollbacks).map(\.seed)
        #expect(seeds == (second.steps + second.rollbacks).map(\.seed))
        #expect(Set(seeds).count == seeds.count)
        #expect(seeds.allSatisfy { $0 < 1 << 53 })
        let bytes = Array(Self.whole.utf8)
        let experiment = try #require(ExperimentDecoder.decode(file: "", bytes: bytes).experiment)
        #expect(Planner.seed(explicit: 1, experiment: experiment, derived: 2) == 1)
        #expect(Planner.seed(explicit: nil, experiment: experiment, derived: 2) == 7)
    }

    @Test func `a plan survives JSON`() throws {
        let plan = try #require(Self.plan(Self.whole).plan)
        let text = plan.json.serialized(pretty: true)
        let again = try Plan(json: try JSONValue.parse(text))
        #expect(again.json == plan.json)
        #expect(again.lines == plan.lines)
        #expect(throws: PlanError.self) { try Plan(json: [:]) }
        for name in ["title", "seed", "steps", "plugins", "bounds", "rollback-strategy"] {
            guard var object = plan.json.objectValue else { continue }
            object[name] = name == "steps" ? [5] : nil
            #expect(throws: PlanError.self) { try Plan(json: .object(object)) }
        }
    }

    /// What replaces what in the whole file, and what must be said.
    static let mistakes: [(String, String, String)] = [
        (
            "\"type\": \"toxic\"", "\"type\": \"toxc\"",
            "(method[0].provider.type): there is no plugin \"toxc\". Did you mean \"toxic\"?"
        ),
        (
            "\"func\": \"latency\"", "\"func\": \"latancy\"",
            "(method[0].provider.func): the plugin toxic has no function \"latancy\". "
                + "Did you mean \"latency\"?"
        ),
        (
            "{\"latency\": \"${delay}\"}", "{\"latency\": \"1s\", \"jiter\": \"5ms\"}",
            "(method[0].provider.arguments.jiter): toxic latency has no argument \"jiter\". "
                + "Did you mean \"jitter\"?"
        ),
        (
            "{\"latency\": \"${delay}\"}", "{}",
            "(method[0].provider): toxic latency needs the argument \"latency\". "
                + "Add it to \"arguments\": how long."
        ),
        (
            "{\"latency\": \"${delay}\"}", "{\"latency\": \"${nothing}\"}",
            "(method[0].provider.arguments.latency): ${nothing} has no value. Give it one in "
                + "\"configuration\", with a \"default\" when it is an environment variable."
        ),
        (
            "\"delay\": \"200ms\"", "\"delay\": \"20m\"",
            "(method[0].provider.arguments.latency): 20m is above 10m. "
                + "Use latency from 0s to 10m."
        ),
        (
            "\"wait\": 1.5", "\"wait\": \"soon\"",
            "(method[0].pauses.after): the pause ${wait} is the string \"soon\". "
                + "Give \"configuration\" a number of seconds or a duration for it."
        ),
        (
            "\"type\": \"action\", \"name\": \"delay", "\"type\": \"probe\", \"name\": \"delay",
            "(method[0].type): toxic latency is a fault, not a probe. Use \"type\": \"action\"."
        ),
        (
            "\"target\": {\"link\": \"payments->processor\"}, \"effect", "\"effect",
            "(method[0]): toxic latency needs a target. Add \"target\": {\"link\": …}. "
                + "Known links: payments->processor, payments->payments-db."
        ),
        (
            "\"target\": {\"link\": \"payments->processor\"}, \"effect",
            "\"target\": {\"service\": \"payments\"}, \"effect",
            "(method[0].target): toxic latency hits a link, not a service. Use {\"link\": …}. "
                + "Known links: payments->processor, payments->payments-db."
        ),
        (
            "\"target\": {\"link\": \"payments->processor\"}, \"effect",
            "\"target\": {\"link\": \"payments->payments-db\"}, \"effect",
            "(method[0].target.link): the link payments->payments-db lies outside the blast "
                + "radius. Hit one of link payments->processor, or add it to \"blast-radius\"."
        ),
        (
            "\"duration\": \"20s\",", "",
            "(method[0]): the fault toxic latency has no end. Add \"duration\", such as \"20s\"."
        ),
        (
            "\"duration\": \"20s\"", "\"duration\": \"2m\"",
            "(method[0].duration): 2m is longer than the blast radius allows. "
                + "Use at most 1m, or raise \"max-duration\" in \"blast-radius\"."
        ),
        (
            "{\"at-least\": \"99%\"}", "{\"at-most\": \"300ms\"}",
            "(steady-state-hypothesis.probes[0].tolerance.at-most): 300ms cannot be compared "
                + "with metric success-ratio, whose unit is ratio. "
                + "Write the bound as a share, such as \"99%\"."
        ),
        (
            "{\"operation\": \"checkout\"}}}]},", "{\"operation\": \"chekout\"}}}]},",
            "(steady-state-hypothesis.probes[0].provider.arguments.operation): \"chekout\" is "
                + "not a choice for operation. Did you mean \"checkout\"?"
        ),
        (
            "\"name\": \"look\",", "\"name\": \"look\", \"duration\": \"1s\",",
            "(method[1].duration): process read is no fault and has no duration. "
                + "Remove \"duration\"."
        ),
        (
            "\"type\": \"process\", \"path\": \"true\"}}]",
            "\"type\": \"toxic\", \"func\": "
                + "\"latency\", \"arguments\": {\"latency\": \"1s\"}}, \"duration\": \"1s\", "
                + "\"target\": {\"link\": \"payments->processor\"}}]",
            "(rollbacks[0].provider.func): toxic latency is a fault and cannot be a rollback. "
                + "Faults are undone by themselves; remove the rollback."
        ),
    ]

    @Test(arguments: mistakes)
    func `what stands against a plan is told with its place`(
        _ good: String,
        _ bad: String,
        _ message: String
    ) {
        let text = Self.whole.replacing(good, with: bad, maxReplacements: 1)
        #expect(text != Self.whole)
        let (plan, problems) = Self.plan(text)
        #expect(plan == nil)
        #expect(problems.map { String($0.text.drop { $0 != "(" }) } == [message])
        #expect(problems.allSatisfy { $0.line > 0 && $0.column > 0 })
    }

    @Test func `an unknown target lists the known ones, nearest first`() {
        let text = Self.whole.replacing("payments->processor\"}", with: "payments->procesor\"}")
        let problems = Self.plan(text).problems
        #expect(
            problems.map(\.message) == [
                "the system has no link \"payments->procesor\"",
                "the system has no link \"payments->procesor\"",
            ]
        )
        #expect(
            problems.first?.remedy
                == "Did you mean \"payments->processor\"? Known links: payments->processor, "
                + "payments->payments-db."
        )
        let without = Self.whole.replacing("\"system\": \"shop\", ", with: "")
        #expect(
            Self.plan(without).problems.map(\.message) == [
                "the experiment names no system in which payments->processor could be found"
            ]
        )
    }

    @Test func `the lines tell everything that a run will do`() throws {
        let plan = try #require(Self.plan(Self.whole).plan)
        #expect(
            plan.lines.joined(separator: "\n") == """
                Slow processor
                  x.json, seed 7, at least 40s

                System     the bundled shop; if none runs it is started, and stopped at the end
                Traffic    20 checkouts a second, poisson arrivals, given up after 30s
                           3s warm-up, 10s undisturbed baseline, 21.5s method, 5s after it
                Judged     customers get through
                             before, while a fault is in effect, and after, read every 2s meanwhile
                             - checkouts succeed: at least 99%
                               before, during, after: metric success-ratio (operation checkout)
                             back within 30s of the end of the last fault
                Steps      1. delay the processor (fault, at 0s)
                              does     toxic latency (latency 200ms, jitter 0s)
                              to       link payments->processor
                              for      20s, until 20s
                              undone   the toxic is removed
                              proof    at least 5 chunks delayed; else inconclusive
                              bounded  0 to 10m
                              waits    1.5s after
                           2. look (probe, at 21.5s)
                              does     process read (true)
                              expects  equal to 0
                Rollbacks  at the end, whatever happened:
                             - tidy: process run (true)
                Stops if   nothing works is at most 10%, read every 2s
                Bounds     no fault lasts longer than 1m
                           hits link payments->processor and nothing else
                           allowed: link payments->processor

                This is a plan: nothing has been touched.
                """
        )
    }

    @Test func `a Chaos Toolkit experiment is planned with the same plugins`() throws {
        let text = """
            {"title": "t", "description": "d", "method": [
              {"type": "action", "name": "a", "background": true,
               "provider": {"type": "process", "path": "true", "arguments": "x ${y}"}},
              {"type": "probe", "name": "p", "provider": {"type": "python", "module": "m",
               "func": "f"}}]}
            """
        let (plan, problems) = Self.plan(text)
        #expect(plan == nil)
        #expect(
            problems.map(\.text) == [
                "x.json:4:55 (method[1].provider.type): there is no plugin \"python\". "
                    + "Python providers need a bridge that this version does not have."
            ]
        )
    }

    @Test func `background faults do not delay the next step`() throws {
        let text = Self.whole.replacing(
            "\"duration\": \"20s\",",
            with: "\"duration\": \"20s\", \"background\": true,"
        )
        let plan = try #require(Self.plan(text).plan)
        #expect(plan.schedule.map(\.lowerBound) == [.zero, .milliseconds(1500)])
        #expect(plan.methodDuration == .seconds(20))
    }
}
