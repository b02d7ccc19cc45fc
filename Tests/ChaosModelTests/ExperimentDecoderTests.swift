import ChaosModel
import JSON
import Testing

@Suite struct ExperimentDecoderTests {
    static let whole = """
        {
          "chaos": 1,
          "title": "A slow processor",
          "description": "Checkouts stay within their budget.",
          "tags": ["payments"],
          "x-owner": {"anything": 1},
          "configuration": {"delay": "200ms"},
          "system": "shop",
          "seed": 42,
          "load": {"rate": "20/s", "arrivals": "constant", "baseline": 4, "after": "2s"},
          "steady-state-hypothesis": {
            "title": "customers get through",
            "strategy": "on-fault",
            "frequency": "500ms",
            "recovers-within": "30s",
            "probes": [
              {"type": "probe", "name": "success",
               "provider": {"type": "metric", "func": "success-ratio",
                            "arguments": {"operation": "checkout"}},
               "tolerance": {"at-least": "99%"}, "phases": ["before", "after"]},
              {"ref": "look", "tolerance": 200}
            ]
          },
          "method": [
            {"type": "action", "name": "delay",
             "provider": {"type": "toxic", "func": "latency", "arguments": {"latency": "${delay}"}},
             "target": {"link": "payments->processor"}, "duration": "20s",
             "effect": {"at-least": 20}, "pauses": {"before": "1s", "after": "${p}"}},
            {"type": "probe", "name": "look", "timeout": 2,
             "provider": {"type": "http", "url": "http://x/"}, "background": true}
          ],
          "blast-radius": {"max-duration": "1m", "targets": [{"service": "payments"}]},
          "abort-when": [
            {"name": "nothing works", "period": "2s", "tolerance": {"at-most": "10%"},
             "provider": {"type": "metric", "func": "success-ratio"}}
          ]
        }
        """

    @Test func `a whole file becomes an experiment`() throws {
        let (decoded, problems) = ExperimentDecoder.decode(
            file: "x.json",
            bytes: Array(Self.whole.utf8)
        )
        #expect(problems.map(\.text) == [])
        let experiment = try #require(decoded)
        #expect(experiment.formatVersion == 1)
        #expect(experiment.tags == ["payments"])
        #expect(experiment.system == "shop")
        #expect(experiment.seed == 42)
        let load = try #require(experiment.load)
        #expect(load.ratePerSecond == 20)
        #expect(load.arrivals == .constant)
        #expect(load.baseline == .seconds(4))
        #expect(load.warmUp == .seconds(3))
        let hypothesis = try #require(experiment.hypothesis)
        #expect(hypothesis.strategy == .onFault)
        #expect(hypothesis.frequency == .milliseconds(500))
        #expect(hypothesis.recoversWithin == .seconds(30))
        #expect(hypothesis.probes.map(\.name) == ["success", "look"])
        #expect(hypothesis.probes[0].phases == [.before, .after])
        #expect(hypothesis.probes[1].tolerance == .equal(200))
        #expect(hypothesis.probes[1].path == "steady-state-hypothesis.probes[1]")
        #expect(hypothesis.probes[1].background == false)
        let fault = experiment.method[0]
        #expect(fault.kind == .action)
        #expect(fault.target == .link("payments->processor"))
        #expect(fault.duration == .seconds(20))
        #expect(fault.effectMinimum == 20)
        #expect(fault.pauseBefore == .seconds(1))
        #expect(fault.pauseAfter == nil)
        #expect(fault.pauseReferences == ["after": "${p}"])
        #expect(fault.provider.arguments == ["latency": "${delay}"])
        #expect(experiment.method[1].timeout == .seconds(2))
        #expect(experiment.method[1].background)
        #expect(experiment.blastRadius.maxDuration == .seconds(60))
        #expect(experiment.blastRadius.targets == [.service("payments")])
        #expect(experiment.abortWhen.first?.period == .seconds(2))
        #expect(experiment.abortWhen.first?.probe.kind == .probe)
    }

    /// A line that replaces another of the whole file, and what must be said.
    static let mistakes: [(String, String, String)] = [
        ("\"chaos\": 1", "\"chaos\": 2", "x.json:2:12 (chaos): 2 is out of range. Use 1."),
        ("\"seed\": 42", "\"seed\": -1", "x.json:9:11 (seed): -1 is out of range. Use 0 or more."),
        (
            "\"seed\": 42", "\"sead\": 42",
            "x.json:9:3 (sead): \"sead\" is not known here. Did you mean \"seed\"?"
        ),
        (
            "\"rate\": \"20/s\"", "\"rate\": \"20ms\"",
            "x.json:10:20 (load.rate): \"20ms\" is not a rate. "
                + "Write a number per second, such as \"100/s\"."
        ),
        (
            "\"rate\": \"20/s\"", "\"rate\": 50000",
            "x.json:10:20 (load.rate): 50000 is above 20000/s. Use 0.1/s to 20000/s."
        ),
        (
            "\"constant\"", "\"constent\"",
            "x.json:10:40 (load.arrivals): \"constent\" is not known here. "
                + "Did you mean \"constant\"?"
        ),
        (
            "\"500ms\"", "\"1ms\"",
            "x.json:14:18 (steady-state-hypothesis.frequency): 1ms is below 10ms. "
                + "Use 10ms to 1d.".replacing("1d", with: "24h")
        ),
        (
            "{\"at-least\": \"99%\"}", "{\"at-leest\": \"99%\"}",
            "x.json:20:21 (steady-state-hypothesis.probes[0].tolerance): "
                + "\"at-leest\" is not part of a bound. Did you mean \"at-least\"?"
        ),
        (
            "[\"before\", \"after\"]", "[\"before\", \"afer\"]",
            "x.json:20:63 (steady-state-hypothesis.probes[0].phases[1]): \"afer\" is not known "
                + "here. Did you mean \"after\"?"
        ),
        (
            "{\"ref\": \"look\", \"tolerance\": 200}", "{\"ref\": \"lock\", \"tolerance\": 200}",
            "x.json:21:15 (steady-state-hypothesis.probes[1].ref): the step \"lock\" could not "
                + "be found. Did you mean \"look\"?"
        ),
        (
            "{\"ref\": \"look\", \"tolerance\": 200}", "{\"ref\": \"look\"}",
            "x.json:21:7 (steady-state-hypothesis.probes[1]): \"tolerance\" is missing in the "
                + "hypothesis probe. Add \"tolerance\": the test that its value must pass."
        ),
        (
            "\"type\": \"action\", ", "",
            "x.json:25:5 (method[0]): \"type\" is missing in the step. "
                + "Add \"type\": reads the system, or changes it."
        ),
        (
            "{\"link\": \"payments->processor\"}", "{\"link\": \"a\", \"service\": \"b\"}",
            "x.json:27:16 (method[0].target): a target names one thing. "
                + "Give either \"link\", \"service\", \"process\" or \"interface\"."
        ),
        (
            "{\"link\": \"payments->processor\"}", "{\"interface\": \"eth 0\"}",
            "x.json:27:30 (method[0].target.interface): \"eth 0\" cannot be the name of an "
                + "interface. Use 1 to 15 characters without spaces, slashes and colons, such as "
                + "\"eth0\"."
        ),
        (
            "{\"link\": \"payments->processor\"}",
            "{\"interface\": \"eth0\", \"namespace\": \"a/b\"}",
            "x.json:27:51 (method[0].target.namespace): \"a/b\" names no namespace. Write a name "
                + "under /run/netns, or an absolute path such as /proc/4711/ns/net."
        ),
        (
            "{\"link\": \"payments->processor\"}",
            "{\"link\": \"a\", \"namespace\": \"b\"}",
            "x.json:27:43 (method[0].target.namespace): only an interface lies in a namespace. "
                + "Remove \"namespace\"."
        ),
        (
            "\"duration\": \"20s\"", "\"duration\": \"20\"",
            "x.json:27:61 (method[0].duration): \"20\" has no unit. "
                + "Write a number with ms, s, m or h, such as 200ms or 1.5s."
        ),
        (
            "{\"at-least\": 20}", "{\"at-least\": 0}",
            "x.json:28:29 (method[0].effect.at-least): 0 is out of range. Use 1 to 1000000000."
        ),
        (
            "\"url\": \"http://x/\"", "\"uri\": \"http://x/\"",
            "x.json:30:18 (method[1].provider): an HTTP activity must have a url. Add \"url\"."
        ),
        (
            "\"background\": true", "\"background\": 1",
            "x.json:30:70 (method[1].background): the number 1 is not a boolean. "
                + "Write true or false."
        ),
        (
            "\"func\": \"latency\", ", "",
            "x.json:26:18 (method[0].provider): \"func\" is missing in the provider. "
                + "Add \"func\": the plugin's function."
        ),
    ]

    @Test(arguments: mistakes)
    func `a mistake is told with its place and its remedy`(
        _ good: String,
        _ bad: String,
        _ message: String
    ) throws {
        let text = Self.whole.replacing(good, with: bad, maxReplacements: 1)
        #expect(text != Self.whole)
        let (experiment, problems) = ExperimentDecoder.decode(
            file: "x.json",
            bytes: Array(text.utf8)
        )
        #expect(experiment == nil)
        #expect(problems.map(\.text) == [message])
    }

    @Test func `a file of another kind says what it is not`() {
        for (text, message) in [
            (
                "[]",
                "f:1:1: an array is not an experiment. "
                    + "Write an object with title, description and method."
            ),
            (
                "{}",
                "f:1:1: an empty experiment is not an experiment. "
                    + "Add \"chaos\": 1, a title, a description and a method."
            ),
            (
                "{",
                "f:1:2: expected a name in double quotes or '}', found the end of the text. "
                    + "The text is cut off: add what is missing."
            ),
        ] {
            let problems = ExperimentDecoder.decode(file: "f", bytes: Array(text.utf8)).problems
            #expect(problems.map(\.text) == [message])
        }
    }

    @Test func `mutated files never trap, and every problem has a place and a remedy`() {
        var generator = SeededBytes(seed: 21)
        for _ in 0..<600 {
            var bytes = Array(Self.whole.utf8)
            generator.mutate(&bytes, alphabet: "{}[]\",:0-9.eatruflsn\\ ")
            let (experiment, problems) = ExperimentDecoder.decode(file: "f", bytes: bytes)
            #expect((experiment == nil) == problems.hasErrors)
            for problem in problems {
                #expect(problem.line >= 1)
                #expect(problem.column >= 1)
                #expect(!problem.message.isEmpty)
            }
            _ = ProblemRenderer.render(problems, sources: ["f": bytes])
        }
    }

    @Test(arguments: [
        ("method[0].provider", "method[0].provider.type", false),
        ("method[0].duration", "method[0]", false),
        ("method[0].duration", "method[0].provider.type", true),
        ("method[1]", "method[10].target", true),
        ("$", "method[0]", false),
    ])
    func `what may only follow from an earlier mistake is not told`(
        earlier: String,
        later: String,
        isTold: Bool
    ) {
        func problem(_ path: String) -> Problem {
            Problem(file: "f", line: 1, column: 1, path: path, message: "m", remedy: "r")
        }
        let told = [problem(later)].withoutConsequences(of: [problem(earlier)])
        #expect(told.isEmpty == !isTold)
    }

    @Test func `a file with mistakes can still be read as far as it goes`() throws {
        let text = #"{"chaos": 1, "titel": "x", "method": [{"type": "action", "name": "n"}]}"#
        let document = JSONDocument(file: "f", bytes: Array(text.utf8))
        #expect(ExperimentDecoder.decode(document).experiment == nil)
        #expect(try #require(ExperimentDecoder.draft(document)).method.map(\.name) == ["n"])
        #expect(ExperimentDecoder.draft(JSONDocument(file: "f", bytes: Array("[]".utf8))) == nil)
    }
}
