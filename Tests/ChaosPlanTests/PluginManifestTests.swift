import ChaosModel
import ChaosPluginAPI
import JSON
import Testing

@Suite struct PluginManifestTests {
    static let plugin = """
        {"name": "toxic", "version": "1.0.0", "summary": "Faults of the proxy.", "needs": [],
         "functions": {
          "latency": {"kind": "fault", "summary": "Delays.", "target": "link",
            "effect": "chunks delayed", "undo": "deletes it", "bounds": "0 to 10m"},
          "p99": {"kind": "probe", "summary": "Reads.", "unit": "ms", "cumulative": true,
            "phases": ["before", "settled"]}
         }}
        """
    static let schema = """
        {"latency": {
          "latency": {"type": "duration", "required": true, "minimum": "0ms", "maximum": "10m",
            "summary": "How long."},
          "jitter": {"type": "duration", "default": "0ms", "summary": "Plus or minus."},
          "stream": {"type": "string", "choices": ["upstream", "downstream"],
            "default": "downstream", "summary": "Which way."}
        }}
        """

    @Test func `both files become one manifest`() throws {
        let manifest = try PluginManifest(
            plugin: Array(Self.plugin.utf8),
            schema: Array(Self.schema.utf8)
        )
        #expect(manifest.name == "toxic")
        let latency = try #require(manifest.function("latency"))
        #expect(latency.kind == .fault)
        #expect(latency.target == .link)
        #expect(latency.effect == "chunks delayed")
        #expect(latency.arguments.map(\.name) == ["latency", "jitter", "stream"])
        #expect(latency.arguments.first?.isRequired == true)
        #expect(latency.arguments.last?.choices == ["upstream", "downstream"])
        let probe = try #require(manifest.function("p99"))
        #expect(probe.unit == "ms")
        #expect(probe.isCumulative)
        #expect(probe.phases == ["before", "settled"])
    }

    @Test func `every mistake of both files is reported with its place`() {
        let plugin = """
            {"name": "", "version": "1", "sumary": "x",
             "functions": {"a": {"kind": "falt"}, "b": {"kind": "probe", "summary": "s",
               "unit": "furlong", "phases": ["befor"]}}}
            """
        let schema = """
            {"c": {}, "b": {"x": {"type": "integer", "summary": "s", "minimum": 1, "default": 0},
             "y": {"type": "text", "summary": "s"}}}
            """
        let error = #expect(throws: PluginManifestError.self) {
            try PluginManifest(plugin: Array(plugin.utf8), schema: Array(schema.utf8))
        }
        #expect(
            error?.description == """
                plugin.json:1:1: "summary" is missing. Give it as a string.
                plugin.json:1:10 (name): "name" is not a string with content. Write words.
                plugin.json:1:30 (sumary): "sumary" is not known here. Did you mean "summary"?
                plugin.json:2:30 (functions.a.kind): "falt" is not a known kind. \
                Use probe, action or fault.
                plugin.json:3:12 (functions.b.unit): the unit is unknown. \
                Use ms, ratio, /s, B, B/s or "".
                plugin.json:3:33 (functions.b.phases): "befor" is not a phase. \
                Did you mean "before"?
                schema.json:1:2 (c): plugin.json has no function "c". Known functions: b.
                schema.json:1:83 (b.x.default): 0 is below 1. Use x of 1 or more.
                schema.json:2:16 (b.y.type): "text" is not a type of argument. Use string, \
                boolean, integer, number, duration, ratio, rate, bytes, array, object or any.
                """
        )
    }
}

/// An argument's type, a value, and what becomes of it.
struct ArgumentCase: Sendable, CustomTestStringConvertible {
    var type: ArgumentSchema.ValueType
    var value: JSONValue
    var result: JSONValue?
    var message = ""
    var testDescription: String { "\(type) \(value.serialized())" }
}

@Suite struct ArgumentSchemaTests {
    static let cases: [ArgumentCase] = [
        .init(type: .duration, value: "200ms", result: 200.0),
        .init(type: .duration, value: "1.5s", result: 1500.0),
        .init(type: .duration, value: 0, result: 0.0),
        .init(
            type: .duration,
            value: 200,
            message: "200 has no unit. Write \"200ms\" or \"200s\"."
        ),
        .init(
            type: .duration,
            value: "200",
            message: "\"200\" has no unit. "
                + "Write a number with ms, s, m or h, such as \"200ms\"."
        ),
        .init(type: .duration, value: "-5ms", message: "-5ms is below 0s. Use it of 0s or more."),
        .init(
            type: .duration,
            value: "5%",
            message: "\"5%\" is not a duration. "
                + "Write a number with ms, s, m or h, such as \"200ms\"."
        ),
        .init(type: .ratio, value: "99%", result: 0.99),
        .init(type: .ratio, value: 0.5, result: 0.5),
        .init(type: .ratio, value: 5, message: "5 is above 100%. Use it from 0% to 100%."),
        .init(type: .rate, value: "150/s", result: 150.0),
        .init(type: .rate, value: "10MB/s", result: 1e7),
        .init(type: .rate, value: 20, result: 20.0),
        .init(type: .bytes, value: "64KiB", result: 65_536.0),
        .init(
            type: .bytes,
            value: true,
            message: "true is not a size. Write a size such as \"64KiB\"."
        ),
        .init(type: .integer, value: 5, result: 5),
        .init(type: .integer, value: 5.0, result: 5),
        .init(
            type: .integer,
            value: 5.5,
            message: "the number 5.5 is not a whole number. Write a number without a fraction."
        ),
        .init(type: .string, value: "x", result: "x"),
        .init(
            type: .string,
            value: 5,
            message: "the number 5 is not a string. Put it in quotes."
        ),
        .init(type: .boolean, value: false, result: false),
        .init(
            type: .boolean,
            value: "no",
            message: "the string \"no\" is not a boolean. Write true or false."
        ),
        .init(type: .array, value: [1], result: [1]),
        .init(type: .any, value: nil, result: .null),
        .init(type: .object, value: [], message: "an array is not an object. Write an object."),
    ]

    @Test(arguments: cases)
    func `a value becomes canonical or says what is wrong`(_ each: ArgumentCase) {
        let schema = ArgumentSchema(name: "it", type: each.type, summary: "")
        do throws(UnitError) {
            #expect(try schema.canonical(each.value) == each.result)
        } catch {
            #expect(error.description == each.message)
        }
    }

    @Test func `the message names the range in the author's units`() {
        var schema = ArgumentSchema(name: "delay_ms", type: .integer, summary: "")
        schema.minimum = 0
        schema.maximum = 600_000
        let error = #expect(throws: UnitError.self) { try schema.canonical(-5) }
        #expect(error?.description == "-5 is below 0. Use delay_ms from 0 to 600000.")
    }

    @Test func `a choice that does not exist gets the nearest`() {
        var schema = ArgumentSchema(name: "stream", type: .string, summary: "")
        schema.choices = ["upstream", "downstream"]
        let error = #expect(throws: UnitError.self) { try schema.canonical("upstrem") }
        #expect(
            error?.description
                == "\"upstrem\" is not a choice for stream. Did you mean \"upstream\"?"
        )
    }
}
