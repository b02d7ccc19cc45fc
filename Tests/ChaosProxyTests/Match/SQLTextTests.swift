import Testing

@testable import ChaosProxy

struct SQLTextTests {
    @Test(
        arguments: [
            ("BEGIN", [.begin]),
            (" begin isolation level serializable ;", [.begin]),
            ("START TRANSACTION READ ONLY", [.begin]),
            ("commit;", [.commit]),
            ("/* a ; b /* nested ; */ */ COMMIT -- ; end", [.commit]),
            ("END TRANSACTION", [.commit]),
            ("COMMIT AND CHAIN", [.commitAndChain]),
            ("COMMIT WORK AND NO CHAIN", [.commit]),
            ("COMMIT PREPARED 'x'", [.none]),
            ("PREPARE TRANSACTION 'x'", [.prepare]),
            ("PREPARE p AS SELECT 1", [.none]),
            ("ROLLBACK", [.rollback]),
            ("ABORT", [.rollback]),
            ("ROLLBACK TRANSACTION TO SAVEPOINT s", [.none]),
            ("ROLLBACK TO s", [.none]),
            ("ROLLBACK AND CHAIN", [.rollbackAndChain]),
            ("SELECT 'COMMIT; COMMIT'", [.none]),
            ("SELECT 'it''s; COMMIT', E'\\'; COMMIT', $$;COMMIT$$, $a$;$b$;$a$", [.none]),
            ("SELECT \"a;b\"", [.none]),
            ("BEGIN; INSERT INTO t VALUES (1); COMMIT", [.begin, .none, .commit]),
            (";; ;", []),
            ("", []),
        ] as [(String, [SQLText.Effect])]
    )
    func `the statements of a text are told apart`(_ text: String, _ effects: [SQLText.Effect]) {
        #expect(SQLText(text).effects == effects)
    }

    @Test(arguments: [
        ("SELECT * FROM charges WHERE id = 17", "select * from charges where id = ?"),
        ("select  *\nfrom Charges -- x\nwhere id=$1;", "select * from charges where id = ?"),
        ("INSERT INTO t VALUES ('a', 2, E'x')", "insert into t values ( ? )"),
        ("SELECT \"Mixed\" FROM t", "select \"Mixed\" from t"),
    ])
    func `a fingerprint leaves out what differs from call to call`(
        _ text: String,
        _ fingerprint: String
    ) {
        #expect(SQLText(text).fingerprint == fingerprint)
    }

    @Test(arguments: [
        ("SELECT 1", []),
        ("INSERT INTO public.charges (id) VALUES (1)", ["public.charges"]),
        ("UPDATE ONLY \"Charges\" SET a = 1", ["Charges"]),
        ("SELECT * FROM a, b JOIN c ON a.x = b.y WHERE d, e", ["a", "b", "c"]),
        ("DELETE FROM Charges WHERE id IN (SELECT id FROM doubles)", ["charges", "doubles"]),
        ("COPY charges FROM STDIN", ["charges", "stdin"]),
        ("TRUNCATE TABLE a, b", ["a", "b"]),
        ("SELECT 'from x'", []),
    ])
    func `the tables of a text are found`(_ text: String, _ tables: [String]) {
        #expect(SQLText(text).tables == tables)
    }

    @Test
    func `a filter holds when each of its parts holds`() throws {
        var filter = StatementFilter()
        #expect(filter.accepts(nil))
        filter.table = "charges"
        #expect(!filter.accepts(nil), "a text that is not known is not what is looked for")
        let text = SQLText("INSERT INTO public.charges VALUES (1)")
        #expect(filter.accepts(text))
        filter.sql = try TextPattern("^insert", ignoresCase: true)
        #expect(filter.accepts(text))
        filter.fingerprint = StatementFilter.Fingerprint("insert into public.charges values (99)")
        #expect(filter.accepts(text))
        filter.sql = try TextPattern("^update", ignoresCase: true)
        #expect(!filter.accepts(text))
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `whatever the bytes are, the scanner comes to their end`(_ seed: UInt64) {
        var dice = SeedStream(seed: seed)
        let alphabet = Array("ab1'\"$;/*-E\\(),. \n\u{0}é".utf8)
        let bytes = (0..<200).map { _ in alphabet.randomElement(using: &dice) ?? 0 }
        let text = SQLText(bytes)
        _ = text.effects
        _ = text.fingerprint
        _ = text.tables
        var scanner = SQLScanner(bytes)
        var end = 0
        while let token = scanner.next() {
            #expect(token.range.lowerBound >= end && !token.range.isEmpty)
            end = token.range.upperBound
        }
        #expect(end <= bytes.count)
    }
}
