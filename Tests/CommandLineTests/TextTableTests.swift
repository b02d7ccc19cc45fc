import CommandLine
import Testing

struct TextTableTests {
    private var table: TextTable {
        var table = TextTable(["NAME", .number("COUNT"), "NOTE"])
        table.add(["a", "1", "x"])
        table.add(["longer", "12345", ""])
        return table
    }

    @Test func `columns keep to their side and lines end without blanks`() {
        #expect(
            table.lines() == [
                "NAME    COUNT  NOTE",
                "a           1  x",
                "longer  12345",
            ]
        )
    }

    @Test func `a narrow place cuts lines and says so`() {
        #expect(table.lines(width: 12) == ["NAME    COU…", "a          …", "longer  123…"])
        #expect(TextTable.cut("abc", to: 3) == "abc")
        #expect(TextTable.cut("abcd", to: 1) == "…")
        #expect(TextTable.cut("abcd", to: 0).isEmpty)
    }

    @Test func `rows may be short or long`() {
        var table = TextTable(["A", "B"])
        #expect(table.isEmpty)
        table.add(["1"])
        table.add(["1", "2", "3"])
        #expect(table.lines(indent: 2) == ["  A  B", "  1", "  1  2"])
    }

    @Test func `a foreign name cannot command the terminal`() {
        var table = TextTable(["NAME"])
        table.add(["a\u{1B}[2Jb\nc\u{9B}d"])
        #expect(table.lines() == ["NAME", "a?[2Jb?c?d"])
    }
}
