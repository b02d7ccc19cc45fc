import JSON
import Testing

@testable import ShopSupervisor

@Suite struct StateTests {
    @Test func `a process that keeps dying is started ever more slowly, then given up`() {
        var backoff = Backoff()
        let decisions = (0...Backoff.endsMax).map { _ in backoff.ended(after: .zero) }
        #expect(decisions[0] == .restart(after: .milliseconds(100)))
        #expect(decisions[1] == .restart(after: .milliseconds(200)))
        #expect(decisions[Backoff.endsMax - 1] == .restart(after: Backoff.pauseMax))
        #expect(decisions[Backoff.endsMax] == .giveUp)
    }

    @Test func `a process that lived long enough starts counting afresh`() {
        var backoff = Backoff()
        for _ in 0..<8 { _ = backoff.ended(after: .zero) }
        #expect(backoff.ended(after: .seconds(60)) == .restart(after: .milliseconds(100)))
    }

    @Test(arguments: [
        ("chaos: listen tcp 127.0.0.1:25197: bind: address already in use. Choose another.", true),
        ("bind(127.0.0.1:25197) failed: EADDRINUSE", true),
        ("listen tcp 127.0.0.1:80: bind: permission denied", false), ("", false),
    ])
    func `a port that was taken meanwhile is told from other failures`(log: String, isTaken: Bool) {
        var error = ShopError(.start, "proxy ended with status 70 while starting.")
        error.log = log
        #expect(error.saysPortTaken == isTaken)
    }

    @Test func `a record survives being written and read`() throws {
        let me = SupervisorRecord.Process(name: "supervisor", pid: 42, startTime: 99)
        var record = SupervisorRecord(supervisor: me, directory: "/s/shop", startedBy: "run-1")
        record.children = [.init(name: "proxy", pid: 43, startTime: 100)]
        #expect(SupervisorRecord(json: record.json) == record)
    }

    @Test(arguments: [
        "{}", "[]", "null", #"{"supervisor":{"name":"x","pid":1,"start-time":1},"directory":"/x"}"#,
        #"{"supervisor":{"name":"x","pid":42,"start-time":1},"directory":"relative"}"#,
        #"{"supervisor":{"name":"x","pid":99999999999,"start-time":1},"directory":"/x"}"#,
        #"{"supervisor":{"name":"x","pid":42,"start-time":-1},"directory":"/x"}"#,
    ])
    func `a hostile record is no record`(text: String) throws {
        #expect(SupervisorRecord(json: try JSONValue.parse(text)) == nil)
    }

    @Test func `progress is read line by line, a torn line when it is whole`() {
        var reader = ProgressReader()
        let all = [
            ProgressEvent.note("a \"quoted\" ü"), .answers(Self.ready(.proxy, "proxy", 3)), .ready,
            .failed(message: "m", log: "l"),
        ]
        let bytes = all.flatMap { Array(($0.json.serialized() + "\n").utf8) }
        var seen: [ProgressEvent] = []
        for count in 0...bytes.count { seen += reader.events(in: Array(bytes.prefix(count))) }
        #expect(seen == all)
        #expect(reader.events(in: bytes).isEmpty)
    }

    private static func ready(
        _ kind: ReadyProcess.Kind,
        _ name: String,
        _ tenths: Int64
    ) -> ReadyProcess {
        ReadyProcess(kind: kind, name: name, address: "127.0.0.1:20000", tenths: tenths)
    }

    @Test func `processes of a kind that are ready one after another share a line`() {
        var lines = ReadyLines()
        #expect(lines.flush() == nil)
        #expect(lines.take(Self.ready(.database, "orders-db", 9)) == nil)
        #expect(lines.take(Self.ready(.database, "payments-db", 12)) == nil)
        #expect(lines.take(Self.ready(.proxy, "proxy", 1)) == "2 databases ready (1.2 s)")
        let proxy = lines.take(Self.ready(.service, "orders", 2))
        #expect(proxy == "proxy ready on 127.0.0.1:20000 (0.1 s)")
        #expect(lines.take(Self.ready(.service, "payments", 1)) == nil)
        #expect(lines.flush() == "2 services ready (0.2 s)")
        #expect(lines.flush() == nil)
    }

    @Test func `lines that are no events are skipped`() {
        var reader = ProgressReader()
        let text = "garbage\n{\"note\":1}\n\u{0}\n{\"ready\":true}\n"
        #expect(reader.events(in: Array(text.utf8)) == [.ready])
    }
}
