import ChaosModel
import JSON
import Testing

/// The verdicts recorded by running the Chaos Toolkit's `validate`, as far as they are about the
/// file and not the machine.
@Suite struct ChaosToolkitValidityTests {
    /// Where we are deliberately stricter; docs/chaostoolkit.md says why.
    static let stricter = ["json-nan"]

    @Test func `every file of the table is as valid here as there`() throws {
        let rows = try #require(try TestFiles.json("Tables/validate.json").arrayValue)
        #expect(rows.count == 93)
        for row in rows {
            let name = try #require(row["case"]?.stringValue)
            let isValidThere = row["format-valid"] == true
            let text = row["text"]?.stringValue ?? row["experiment"]?.serialized() ?? ""
            let answer = ExperimentDecoder.decode(file: "experiment.json", bytes: Array(text.utf8))
            let expected = isValidThere && !Self.stricter.contains(name)
            let there = row["message"]?.stringValue ?? ""
            #expect(
                (answer.experiment != nil) == expected,
                "\(name): \(answer.problems.map(\.text)), there: \(there)"
            )
        }
    }

    @Test func `the list of differences names no case that is alike`() throws {
        let rows = try #require(try TestFiles.json("Tables/validate.json").arrayValue)
        for name in Self.stricter {
            let row = try #require(rows.first { $0["case"] == .string(name) })
            #expect(row["format-valid"] == true)
        }
        let page = String(
            decoding: try TestFiles.read(TestFiles.root + "/docs/chaostoolkit.md"),
            as: UTF8.self
        )
        for name in Self.stricter { #expect(page.contains("`\(name)`")) }
    }

    @Test func `what the machine lacks is told apart from what the file lacks`() {
        let text = """
            {"title": "t", "description": "d",
             "configuration": {"a": {"type": "env", "key": "HERE"},
               "b": {"type": "env", "key": "AWAY"},
               "c": {"type": "env", "key": "AWAY", "default": 1}},
             "secrets": {"g": {"s": {"type": "env", "key": "AWAY", "default": 1}}},
             "method": [{"type": "action", "name": "a",
               "provider": {"type": "process", "path": "nope"}},
              {"type": "action", "name": "b", "provider": {"type": "process", "path": "true"}}]}
            """
        let document = JSONDocument(file: "f.json", bytes: Array(text.utf8))
        #expect(ExperimentDecoder.decode(document).problems.isEmpty)
        let environment = ExecutionEnvironment(
            variable: { $0 == "HERE" ? "1" : nil },
            hasProgram: { $0 == "true" }
        )
        let problems = EnvironmentCheck.problems(of: document, in: environment)
        #expect(
            problems.map(\.text) == [
                "f.json:3:32 (configuration.b.key): warning: the environment variable AWAY is not "
                    + "set. Set it, or add a \"default\".",
                "f.json:5:48 (secrets.g.s.key): warning: the environment variable AWAY is not set. "
                    + "Set it before the run.",
                "f.json:7:44 (method[0].provider.path): warning: the program nope cannot be found. "
                    + "Install it, or give its whole path.",
            ]
        )
        #expect(problems.allSatisfy { $0.aspect == .environment })
    }

    @Test func `what loses the rollbacks there is an error here`() {
        let text = """
            {"title": "t", "description": "d", "method": [],
             "rollback": [], "runtime": {"rollbacks": {"strategy": "alway"}},
             "rollbacks": [{"ref": "nobody"}]}
            """
        let (experiment, problems) = ExperimentDecoder.decode(
            file: "f.json",
            bytes: Array(text.utf8)
        )
        #expect(experiment == nil)
        #expect(
            problems.map(\.text) == [
                "f.json:2:56 (runtime.rollbacks.strategy): \"alway\" is not a strategy. "
                    + "Did you mean \"always\"?",
                "f.json:3:24 (rollbacks[0].ref): the activity \"nobody\" could not be found. "
                    + "There are no activities.",
            ]
        )
    }

    @Test func `a misspelt name that would be ignored is a warning`() throws {
        let text = """
            {"title": "t", "description": "d", "method": [], "rollback": []}
            """
        let (experiment, problems) = ExperimentDecoder.decode(
            file: "f.json",
            bytes: Array(text.utf8)
        )
        #expect(experiment != nil)
        #expect(
            problems.map(\.text) == [
                "f.json:1:50 (rollback): warning: \"rollback\" is ignored. "
                    + "Did you mean \"rollbacks\"?"
            ]
        )
        #expect(problems.json["valid"] == true)
    }

    @Test func `configuration and secrets take their values from the environment`() throws {
        let declared: JSONObject = [
            "literal": ["a": 1], "set": ["type": "env", "key": "N", "env_var_type": "int"],
            "flag": ["type": "env", "key": "F", "env_var_type": "bool"],
            "json": ["type": "env", "key": "J", "env_var_type": "json"],
            "fallback": ["type": "env", "key": "NOPE", "default": "x"],
            "away": ["type": "env", "key": "NOPE"], "odd": ["type": "zzz"],
        ]
        let variables = ["N": "5", "F": "No", "J": "[1]"]
        let resolved = try ConfigurationResolver.configuration(declared) { variables[$0] }
        #expect(
            resolved == [
                "literal": ["a": 1], "set": 5, "flag": false, "json": [1], "fallback": "x",
                "odd": ["type": "zzz"],
            ]
        )
        let secrets = try ConfigurationResolver.secrets(["g": .object(declared)]) { variables[$0] }
        #expect(secrets["g"]?["set"] == 5)
        #expect(throws: UnitError.self) {
            try ConfigurationResolver.configuration(declared) { _ in "not a number" }
        }
    }
}
