import Testing

@testable import ChaosProxy

/// Builds messages of the protocol.
enum Wire {
    static func message(_ type: Character, _ body: [UInt8]) -> [UInt8] {
        Array(String(type).utf8) + length(body.count + 4) + body
    }

    static func message(_ type: Character, text: String) -> [UInt8] {
        message(type, Array(text.utf8) + [0])
    }

    static func complete(_ tag: String) -> [UInt8] { message("C", text: tag) }
    static func ready(_ status: Character) -> [UInt8] { message("Z", Array(String(status).utf8)) }

    static func startup(_ code: UInt32, _ body: [UInt8] = []) -> [UInt8] {
        length(body.count + 8) + length(Int(code)) + body
    }

    /// Parse, Bind and Execute without names.
    static func run(_ sql: String) -> [UInt8] {
        message("P", [0] + Array(sql.utf8) + [0, 0, 0]) + message("B", [0, 0, 0, 0, 0, 0, 0, 0])
            + message("E", [0, 0, 0, 0, 0])
    }

    /// What `run` is answered.
    static func answer(_ tag: String, _ rows: [UInt8] = []) -> [UInt8] {
        message("1", []) + message("2", []) + rows + complete(tag)
    }

    static let login = startup(196_608, Array("user\0a\0\0".utf8))
    static let ssl = startup(80_877_103)
    static let gss = startup(80_877_104)
    static let cancel = startup(80_877_102, [0, 0, 0, 1, 0, 0, 0, 2])
    /// AuthenticationOk, a parameter, key data, ReadyForQuery.
    static let greeting =
        message("R", [0, 0, 0, 0]) + message("S", text: "a\0b")
        + message("K", [0, 0, 0, 1, 0, 0, 0, 2])
        + ready("I")

    private static func length(_ count: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
    }
}

struct SessionCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var speeches: [Speech]
    var commits: [Int]
    var phase: PostgresSession.Phase

    init(
        _ name: String,
        commits: [Int],
        phase: PostgresSession.Phase = .session,
        _ speeches: [Speech]
    ) {
        testDescription = name
        self.speeches = speeches
        self.commits = commits
        self.phase = phase
    }
}

private func query(_ sql: String) -> Speech { .client(Wire.message("Q", text: sql)) }

private func answer(_ tag: String, _ status: Character) -> Speech {
    .server(Wire.complete(tag) + Wire.ready(status))
}

private let opening: [Speech] = [.client(Wire.login), .server(Wire.greeting)]

struct WatchTests {
    static let cases: [SessionCase] = [
        SessionCase(
            "a COMMIT that closes a transaction is seen",
            commits: [3],
            opening + [
                query("BEGIN"), answer("BEGIN", "T"),
                query("INSERT …"), answer("INSERT 0 1", "T"),
                query("COMMIT"), answer("COMMIT", "I"),
            ]
        ),
        SessionCase(
            "a COMMIT without a transaction is not",
            commits: [],
            opening + [
                query("COMMIT"),
                .server(
                    Wire.message("N", text: "SWARNING") + Wire.complete("COMMIT") + Wire.ready("I")
                ),
            ]
        ),
        SessionCase(
            "a COMMIT of a failed transaction rolls back and is not",
            commits: [],
            opening + [
                query("BEGIN"), answer("BEGIN", "T"),
                query("nonsense"), .server(Wire.message("E", text: "SERROR") + Wire.ready("E")),
                query("COMMIT"), answer("ROLLBACK", "I"),
            ]
        ),
        SessionCase(
            "a COMMIT that fails is not",
            commits: [],
            opening + [
                query("BEGIN"), answer("BEGIN", "T"),
                query("COMMIT"), .server(Wire.message("E", text: "SERROR") + Wire.ready("I")),
            ]
        ),
        SessionCase(
            "statements of one query string are followed one by one",
            commits: [3],
            opening + [
                query("BEGIN; INSERT; COMMIT"),
                .server(
                    Wire.complete("BEGIN") + Wire.complete("INSERT 0 1") + Wire.complete("COMMIT")
                        + Wire.ready("I")
                ),
            ]
        ),
        SessionCase(
            "the extended protocol and pipelining are followed",
            commits: [3, 6],
            opening + [
                .client(
                    ["START TRANSACTION", "UPDATE", "COMMIT", "BEGIN", "DELETE", "COMMIT"]
                        .flatMap { Wire.run($0) } + Wire.message("S", [])
                ),
                .server(
                    Wire.answer("START TRANSACTION")
                        + Wire.answer("UPDATE 1", Wire.message("D", [0, 1, 0, 0, 0, 1, 67]))
                        + Wire.answer("COMMIT") + Wire.answer("BEGIN") + Wire.answer("DELETE 0")
                        + Wire.answer("COMMIT") + Wire.ready("I")
                ),
            ]
        ),
        SessionCase(
            "savepoints and COMMIT PREPARED are not commits",
            commits: [],
            opening + [
                query("BEGIN"), answer("BEGIN", "T"),
                query("SAVEPOINT s"), answer("SAVEPOINT", "T"),
                query("ROLLBACK TO s"), answer("ROLLBACK", "T"),
                query("RELEASE s"), answer("RELEASE", "T"),
                query("PREPARE TRANSACTION 'x'"), answer("PREPARE TRANSACTION", "I"),
                query("COMMIT PREPARED 'x'"), answer("COMMIT PREPARED", "I"),
            ]
        ),
        SessionCase(
            "COPY in and out pass by, whatever their data look like",
            commits: [3],
            opening + [
                query("BEGIN"), answer("BEGIN", "T"),
                query("COPY t FROM STDIN"), .server(Wire.message("G", [0, 0, 0])),
                .client(Wire.message("d", Wire.complete("COMMIT")) + Wire.message("c", [])),
                .server(Wire.complete("COPY 1") + Wire.ready("T")),
                .server(Wire.message("H", [0, 0, 0]) + Wire.message("d", Wire.complete("COMMIT"))),
                .server(Wire.message("c", [])),
                query("COMMIT"), answer("COMMIT", "I"),
            ]
        ),
        SessionCase(
            "refused encryption leaves the session readable",
            commits: [2],
            [
                .client(Wire.ssl), .server(Array("N".utf8)), .client(Wire.gss),
                .server(Array("N".utf8)),
            ]
                + opening + [
                    query("BEGIN"), answer("BEGIN", "T"), query("COMMIT"), answer("COMMIT", "I"),
                ]
        ),
        SessionCase(
            "an error in answer to SSLRequest is a message",
            commits: [],
            phase: .startup,
            [.client(Wire.ssl), .server(Wire.message("E", text: "SFATAL"))]
        ),
        SessionCase(
            "accepted encryption makes the session opaque",
            commits: [],
            phase: .opaque,
            [
                .client(Wire.ssl), .server(Array("S".utf8)), .client([22, 3, 1, 2, 0, 1]),
                .server(Wire.complete("BEGIN") + Wire.complete("COMMIT")),
            ]
        ),
        SessionCase(
            "direct TLS is opaque",
            commits: [],
            phase: .opaque,
            [.client([22, 3, 1, 2, 0, 1, 0, 1]), .server([22, 3, 3, 0, 90])]
        ),
        SessionCase(
            "a cancel request is no session",
            commits: [],
            phase: .cancel,
            [.client(Wire.cancel)]
        ),
        SessionCase(
            "nonsense is opaque",
            commits: [],
            phase: .opaque,
            [.client(Array("GET / HTTP/1.1\r\n\r\n".utf8)), .server(Array("HTTP/1.1 200 OK".utf8))]
        ),
        SessionCase(
            "a length below 4 is opaque",
            commits: [],
            phase: .opaque,
            opening + [.server([67, 0, 0, 0, 3])]
        ),
        SessionCase(
            "a length above a gigabyte is opaque",
            commits: [],
            phase: .opaque,
            opening + [.server([68, 255, 255, 255, 255])]
        ),
    ]

    @Test(arguments: cases)
    func `a session is followed wherever its chunks are cut, and no byte of it is changed`(
        _ row: SessionCase
    ) {
        for chunk in [1, 2, 3, 5, 11, 1 << 20] {
            for rules in [[], [SessionRule.everyCommit]] {
                var conversation = Conversation(rules: rules)
                conversation.hold(row.speeches, chunk: chunk)
                #expect(conversation.isUnchanged(row.speeches), "chunks of \(chunk)")
                #expect(conversation.interceptor.session.phase == row.phase)
                #expect(conversation.interceptor.session.commits == row.commits.count)
                if !rules.isEmpty { #expect(conversation.statements == row.commits) }
            }
        }
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `mutated sessions neither trap nor lose a byte nor depend on where they are cut`(
        _ seed: UInt64
    ) {
        var dice = SeedStream(seed: seed)
        let row = WatchTests.cases[Int.random(in: 0..<WatchTests.cases.count, using: &dice)]
        let mutated = row.speeches.map { speech -> Speech in
            switch speech {
            case .client(let bytes): .client(mutate(bytes, &dice))
            case .server(let bytes): .server(mutate(bytes, &dice))
            }
        }
        for rules in [[], [SessionRule.everyCommit]] {
            var whole = Conversation(rules: rules)
            whole.hold(mutated, chunk: 1 << 20)
            #expect(whole.isUnchanged(mutated))
            for chunk in [1, 2, 3, 5, 7, Int.random(in: 8...40, using: &dice)] {
                var parts = Conversation(rules: rules)
                parts.hold(mutated, chunk: chunk)
                #expect(parts.isUnchanged(mutated), "chunks of \(chunk)")
                #expect(parts.interceptor.session.phase == whole.interceptor.session.phase)
                #expect(
                    parts.interceptor.session.statements == whole.interceptor.session.statements
                )
                #expect(parts.statements == whole.statements)
            }
        }
    }

    private func mutate(_ bytes: [UInt8], _ dice: inout SeedStream) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...3, using: &dice) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &dice)
            switch Int.random(in: 0..<4, using: &dice) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &dice)
            case 2: bytes.remove(at: place)
            default: bytes.insert(UInt8.random(in: 0...255, using: &dice), at: place)
            }
        }
        return bytes
    }
}
