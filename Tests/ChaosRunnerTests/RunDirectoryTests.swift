import ChaosModel
import LinuxSystem
import Testing

@testable import ChaosRunner

@Suite struct RunDirectoryTests {
    @Test(arguments: [
        ("experiments/lost-commit-ack.json", "lost-commit-ack"), ("x.json", "x"), ("x", "x"),
        ("/a/b c/ü ö.json", "----"), ("..", "experiment"), ("", "experiment"),
        ("latest.json", "experiment"), ("a/../../etc/passwd", "passwd"),
    ])
    func `an experiment's directory has a harmless name`(file: String, name: String) {
        #expect(RunDirectory.name(of: file).filter { $0 != "-" } == name.filter { $0 != "-" })
        #expect(!RunDirectory.name(of: file).contains("/"))
    }

    @Test func `runs of one second get directories of their own and latest is the newest`() throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let time = try #require(Timestamp(rfc3339: "2026-11-20T10:42:45.087402Z"))
        let first = try RunDirectory(output: sandbox.output, file: "e.json", at: time)
        let second = try RunDirectory(output: sandbox.output, file: "e.json", at: time)
        #expect(first.path.hasSuffix("/e/2026-11-20T104245Z"))
        #expect(second.path.hasSuffix("/e/2026-11-20T104245Z-2"))
        let latest = try SystemFiles.linkDestination("\(sandbox.output)/e/latest")
        #expect(latest == "2026-11-20T104245Z-2")
        #expect(second.journal == "\(second.path)/journal.jsonl")
    }

    @Test func `an output that cannot be written to is an error before anything is touched`() {
        #expect(throws: (any Error).self) {
            try RunDirectory(
                output: "/proc/no-such",
                file: "e.json",
                at: Timestamp(microseconds: 0)
            )
        }
    }
}
