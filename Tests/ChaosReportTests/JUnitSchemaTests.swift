import ChaosReport
import EventLoop
import LinuxSystem
import Testing

/// JUnit XML against a schema of what CI services take; skipped, with a reason, without xmllint.
@Suite(
    .enabled(
        if: SearchPath.program("xmllint") != nil,
        "xmllint is not installed: apt-get install libxml2-utils"
    )
)
struct JUnitSchemaTests {
    /// The exit status of xmllint for a document: 0 valid, 3 not.
    private func status(of document: [UInt8]) async throws -> Int32 {
        let program = try #require(SearchPath.program("xmllint"))
        let loop = try Loop.start(label: "xmllint")
        defer { loop.stop() }
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-junit-")
        defer { try? SystemFiles.removeTree(folder) }
        try SystemFiles.writeAtomically("\(folder)/junit.xml", document, mode: 0o600)
        return try await loop.spawn {
            var request = SpawnRequest(
                executable: program,
                arguments: [
                    "--noout", "--nonet", "--schema", "\(TestFiles.folder)/junit.xsd",
                    "\(folder)/junit.xml",
                ]
            )
            request.stdout = .null
            request.stderr = .null
            return try await ChildProcess.spawn(request).wait().shellStatus
        }.value
    }

    @Test(arguments: Snapshots.samples)
    func `every report is valid`(sample: Snapshots.Sample) async throws {
        var run = sample.run
        run.hostile = "\u{1}\"<&\u{9c}"
        let document = try #require(ReportFormats.named("junit")).render(run.report)
        #expect(try await status(of: document) == 0)
    }

    @Test func `the schema refuses what is no JUnit`() async throws {
        let document = try #require(ReportFormats.named("junit")).render(SampleRun.held.report)
        let text = String(decoding: document, as: UTF8.self)
        let mistakes = [("classname=", "class="), ("tests=\"", "tests=\"x"), ("testcase", "t")]
        for (word, other) in mistakes {
            let broken = text.components(of: word).joined(separator: other)
            #expect(try await status(of: Array(broken.utf8)) == 3, "\(word)")
        }
    }
}
