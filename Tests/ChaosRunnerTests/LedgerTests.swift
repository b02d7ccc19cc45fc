import ChaosModel
import ChaosPluginAPI
import JSON
import LinuxSystem
import Testing

@testable import ChaosRunner

@Suite struct LedgerTests {
    @Test func `a record survives its way to the disk and back`() throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.open("r1")
        let entry = try sandbox.record("r1", "fault-1", former: "ä\n\u{0}\"")
        let account = try sandbox.ledger.account(of: "r1")
        #expect(account.entries == [entry])
        #expect(account.run?.directory == sandbox.runDirectory)
        #expect(account.unreadable.isEmpty)
    }

    @Test func `the newest record comes first`() throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.open("r1")
        try sandbox.record("r1", "fault-2", since: 5)
        try sandbox.record("r1", "fault-10", since: 5)
        try sandbox.record("r1", "fault-1", since: 5)
        try sandbox.record("r1", "fault-3", since: 9)
        let names = try sandbox.ledger.account(of: "r1").entries.map(\.faultID)
        #expect(names == ["fault-3", "fault-10", "fault-2", "fault-1"])
    }

    @Test func `clearing twice and closing twice is harmless`() throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.open("r1")
        let entry = try sandbox.record("r1", "fault-1")
        try sandbox.ledger.clear(entry)
        try sandbox.ledger.clear(entry)
        #expect(try sandbox.ledger.account(of: "r1").entries.isEmpty)
        try sandbox.ledger.close(runID: "r1")
        try sandbox.ledger.close(runID: "r1")
        #expect(try sandbox.ledger.accounts().isEmpty)
    }

    @Test(arguments: ["", "{", "[]", "{\"version\":1}", "{\"version\":2,\"run\":\"r1\"}", "\u{0}"])
    func `what is no record is reported and never taken for one`(text: String) throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.open("r1")
        let path = "\(sandbox.ledger.path(of: "r1"))/fault-1.json"
        try sandbox.write(text, to: path)
        let account = try sandbox.ledger.account(of: "r1")
        #expect(account.entries.isEmpty)
        #expect(account.unreadable == [path])
    }

    @Test func `half-written files are not records`() throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try sandbox.open("r1")
        try sandbox.write("{\"vers", to: "\(sandbox.ledger.path(of: "r1"))/fault-1.json.17-4.tmp")
        let account = try sandbox.ledger.account(of: "r1")
        #expect(account.entries.isEmpty && account.unreadable.isEmpty)
    }

    @Test(arguments: 0..<200)
    func `a damaged record is refused or still names its undo`(seed: Int) throws {
        let sandbox = LedgerEntry(
            runID: "r1",
            faultID: "fault-1",
            step: "s",
            path: "method[0]",
            undo: UndoRecord(plugin: "p", function: "f", target: "t", state: ["a": [1, "x"]]),
            since: Timestamp(microseconds: 1),
            until: nil
        )
        var random = SeededRandom(seed: UInt64(seed))
        var bytes = Array(sandbox.json.serialized(pretty: true).utf8)
        for _ in 0...(random.next() % 4) {
            let index = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 3 {
            case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.remove(at: index)
            default: bytes = Array(bytes[..<index]) + [0x22]
            }
        }
        guard let value = try? JSONValue.parse(bytes), let entry = LedgerEntry(json: value) else {
            return
        }
        #expect(LedgerEntry(json: entry.json) == entry)
    }
}
