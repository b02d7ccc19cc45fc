import ChaosModel
import JSON
import Testing

@testable import ChaosProxy

struct MatchReadingTests {
    private func read(_ text: String) throws -> ToxicMatch {
        try ToxicMatch(try RequestFields(body: Array(text.utf8), as: .match))
    }

    @Test(arguments: [
        #"{"nth":2}"#,
        #"{"every":3,"sql":"^insert","fingerprint":"select 1","table":"charges","#
            + #""transaction":"T","application_name":"pay"}"#,
        #"{"percent":12.5,"method":"POST","path":"/orders","status":"5xx"}"#,
        #"{"status":"503"}"#,
        #"{"first":2,"by":"connection"}"#,
    ])
    func `what a match says is told again`(_ text: String) throws {
        #expect(try read(text).json.serialized() == text)
    }

    @Test
    func `names match in any case, and states and statuses have two forms`() throws {
        let match = try read(#"{"Table":"t","TRANSACTION":"open","Status":404,"method":"get"}"#)
        #expect(match.json == ["table": "t", "transaction": "T", "method": "GET", "status": "404"])
    }

    @Test(arguments: [
        (#"{}"#, "match is empty. Say what to match, or leave it out"),
        (#"{"every":1,"nth":1}"#, "match must have at most one of every, nth, first, percent"),
        (#"{"nth":0}"#, "match.nth must be 1 or more, got 0"),
        (#"{"percent":101}"#, "match.percent must be from 0 to 100, got 101.0"),
        (#"{"sql":"("}"#, "match.sql has a ( that is not closed. Write \\( for a parenthesis"),
        (#"{"table":""}"#, "match.table is empty. Say what to match, or leave it out"),
        (
            #"{"transaction":"X"}"#,
            "match.transaction \"X\" is no state. Use I (idle), T (in a transaction) or E (failed)"
        ),
        (#"{"status":"60"}"#, "match.status \"60\" is no status. Use 503, or 5xx"),
        (
            #"{"sq1":"a"}"#,
            "match.sq1 is not known. Use every, nth, first, percent, by, sql, fingerprint,"
                + " table, transaction, application_name, method, path, status"
        ),
    ])
    func `a wrong match is refused with what is wrong and what to do`(
        _ text: String,
        _ message: String
    ) throws {
        let error = #expect(throws: ControlError.self) { try read(text) }
        #expect(error == .badBody(message))
    }

    private static let statusCases: [(String, String, Bool)] = [
        ("http_lose_response", "downstream", true),
        ("http_delay", "downstream", true),
        ("http_delay", "upstream", false),
        ("http_status", "downstream", false),
        ("http_abort", "downstream", false),
        ("http_duplicate_request", "downstream", false),
        ("duplicate", "downstream", false),
    ]

    @Test(arguments: statusCases)
    func `a status is matched only where there is a response`(
        _ type: String,
        _ stream: String,
        _ isTaken: Bool
    ) throws {
        let body = #"{"type":"\#(type)","stream":"\#(stream)","match":{"status":"5xx"}}"#
        let fields = try RequestFields(body: Array(body.utf8), as: .toxic)
        do throws(ControlError) {
            _ = try Toxic(try ToxicRequest(fields), of: "p", .http) { _ in false }
            #expect(isTaken)
        } catch {
            #expect(!isTaken)
            #expect(error.status == 400)
            #expect(error.message.contains("match.status: \(type) hits requests, which have no"))
        }
    }

    private static let duplicateCases: [(SystemDescription.Link.WireProtocol, String, String?)] = [
        (.postgres, #"{"table":"t"}"#, nil),
        (.http, #"{"path":"/"}"#, nil),
        (.postgres, #"{"path":"/"}"#, "duplicate hits no HTTP. Leave"),
        (.http, #"{"table":"t"}"#, "duplicate hits no SQL. Leave"),
        (.tcp, #"{"nth":1}"#, "needs a proxy with protocol postgres or http, p has tcp"),
    ]

    @Test(arguments: duplicateCases)
    func `a toxic of two protocols takes the match of the one that the proxy speaks`(
        _ spoken: SystemDescription.Link.WireProtocol,
        _ match: String,
        _ refusal: String?
    ) throws {
        let body = #"{"type":"duplicate","match":\#(match)}"#
        let fields = try RequestFields(body: Array(body.utf8), as: .toxic)
        do throws(ControlError) {
            _ = try Toxic(try ToxicRequest(fields), of: "p", spoken) { _ in false }
            #expect(refusal == nil)
        } catch {
            #expect(error.message.contains(try #require(refusal)))
        }
    }

    @Test
    func `a match that a type cannot use is refused`() throws {
        func refusal(_ text: String, _ type: ToxicType) -> String? {
            do {
                try read(text).check(for: type, on: nil)
                return nil
            } catch {
                return (error as? ControlError)?.message
            }
        }
        #expect(refusal(#"{"nth":1}"#, .latency) == nil)
        #expect(refusal(#"{"nth":1,"by":"chunk"}"#, .latency) == nil)
        let unit = refusal(#"{"nth":1,"by":"event"}"#, .latency)
        #expect(unit?.hasSuffix("latency matches by connection or chunk, not by event") ?? false)
        #expect(refusal(#"{"nth":1,"table":"t"}"#, .loseCommitAck) == nil)
        let wrong = refusal(#"{"path":"/"}"#, .loseCommitAck)
        #expect(wrong?.contains("lose_commit_ack hits no HTTP") ?? false)
    }
}
