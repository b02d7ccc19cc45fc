import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import Testing

@testable import FaultProcess

@Suite struct ProgramRunTests {
    /// Runs the provider on a loop of its own.
    private func run(_ provider: JSONObject) async throws -> JSONValue {
        let loop = try Loop.start(label: "process plugin test")
        defer { loop.stop() }
        return try await loop.spawn {
            let plugin = try ProcessPlugin()
            let action = try #require(plugin.action("run"))
            return try await action.perform(StepContext(runID: "r", provider: provider))
        }.value
    }

    @Test func `output, errors and status of a program are handed on`() async throws {
        let output = try await run([
            "path": "sh", "arguments": ["-c", "printf 'ö'; printf problem >&2; exit 3"],
        ])
        #expect(output == ["status": 3, "stdout": "ö", "stderr": "problem"])
    }

    @Test func `a string of arguments goes through a shell`() async throws {
        let output = try await run(["path": "echo", "arguments": "a | tr a b; echo $((1+1))"])
        #expect(output["stdout"] == "b\n2\n")
    }

    @Test func `a program that a signal ended has a negative status`() async throws {
        let output = try await run(["path": "sh", "arguments": ["-c", "kill -TERM $$"]])
        #expect(output["status"] == -15)
    }

    @Test func `much output of both streams at once is read completely`() async throws {
        let script =
            "head -c 300000 /dev/zero | tr '\\0' o; head -c 300000 /dev/zero | tr '\\0' e >&2"
        let output = try await run(["path": "sh", "arguments": ["-c", .string(script)]])
        #expect(output["stdout"]?.stringValue?.utf8.count == 300_000)
        #expect(output["stderr"]?.stringValue?.utf8.count == 300_000)
    }

    @Test func `a timeout ends the program and its children`() async throws {
        let directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-process-")
        defer { try? SystemFiles.removeTree(directory) }
        let start = Loop.monotonicNanoseconds()
        let script = "sleep 60 & echo $! > \(directory)/child; wait"
        let error = await #expect(throws: ProcessError.self) {
            try await run([
                "path": "sh", "arguments": ["-c", .string(script)], "timeout": 0.3,
            ])
        }
        #expect(error?.description.contains("took too long to complete") == true)
        #expect(Loop.monotonicNanoseconds() - start < 5_000_000_000)
        let text = String(decoding: try SystemFiles.read("\(directory)/child"), as: UTF8.self)
        let child = try #require(Int32(text.filter(\.isNumber)))
        let startTime = ProcessIdentity.startTime(child)
        let isAlive = startTime.map { ProcessIdentity.isAlive(child, startTime: $0) } ?? false
        #expect(!isAlive)
    }

    @Test(
        arguments: [
            (["path": "no-such-program-here"], "cannot be found"),
            (["path": "/no/such/path"], "cannot be found"),
            ([:], "there is no program"),
            (["path": "sh", "timeout": "soon"], "soon"),
            (["path": "printf", "arguments": ["\\377"]], "Failed to decode"),
        ] as [(JSONObject, String)]
    )
    func `what cannot be run says why`(provider: JSONObject, message: String) async {
        let error = await #expect(throws: (any Error).self) { try await run(provider) }
        #expect(error.map { "\($0)".contains(message) } == true)
    }
}
