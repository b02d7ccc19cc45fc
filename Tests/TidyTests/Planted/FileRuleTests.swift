import Testing

/// Each rule about one file, on texts that break it and texts that do not.
@Suite struct FileRuleTests {
    private func text(_ text: String, at path: String = "Sources/HTTP/A.swift") -> SwiftText {
        SwiftText(path: path, text)
    }

    private func lines(_ findings: [Finding]) -> [Int?] { findings.map(\.line) }

    // MARK: - Size

    @Test func `a file has 500 lines at most`() {
        let line = "let a = 1\n"
        #expect(SizeRules.file(text(String(repeating: line, count: 500))).isEmpty)
        let found = SizeRules.file(text(String(repeating: line, count: 501)))
        #expect(
            found.map(\.description) == [
                "Sources/HTTP/A.swift: 501 lines in one file, 500 is the wall. "
                    + "Split it by idea; a second aspect of a type goes to Type+Aspect.swift."
            ]
        )
    }

    @Test func `a function has 70 lines at most`() {
        func function(_ lines: Int) -> String {
            "\nfunc f() {\n" + String(repeating: "    a()\n", count: lines - 2) + "}\n"
        }
        #expect(SizeRules.functions(text(function(70))).isEmpty)
        #expect(lines(SizeRules.functions(text(function(71)))) == [2])
    }

    @Test func `a line has 100 columns at most, counted in characters`() {
        let hundred = "// " + String(repeating: "─", count: 97)
        #expect(SizeRules.columns(text(hundred)).isEmpty)
        #expect(lines(SizeRules.columns(text("let a = 1\n" + hundred + "─"))) == [2])
        let data = String(repeating: "x", count: 101)
        #expect(SizeRules.columns(text("let a = \"\"\"\n\\(a)\(data)\n\"\"\"")).isEmpty)
        #expect(lines(SizeRules.columns(text("let a = \"\(data)\""))) == [1])
    }

    // MARK: - Words

    @Test(arguments: [
        "let a = try! b()", "usleep(10)", "Glibc.usleep(10)", "Thread.sleep(forTimeInterval: 1)",
        "print(1)", "Swift.print(1)", "a![0]", "a()!.b", "let a: Int! = 1", "b as! C", "\"\\(a!)\"",
        "a! != b", "nanosleep(&a, nil)", "debugPrint(1)",
    ])
    func `banned`(_ code: String) {
        #expect(lines(BannedWords.all(text("let x = 1\n" + code))) == [2])
    }

    @Test(arguments: [
        "let a = try b()", "a != b", "a!=b", "!a", "if !a.isEmpty {}", "(!a)", "[!a, !b]",
        "// print(1) and a!", "\"print(1) try!\"", "writer.print(1)", "func print(_ a: Int) {}",
        "loop.sleep(for: .seconds(1))", "try await Task.sleep(for: .zero)", "let printer = 1",
        "return !a",
    ])
    func `allowed`(_ code: String) {
        #expect(BannedWords.all(text(code)).isEmpty)
    }

    @Test func `the programs may print`() {
        #expect(BannedWords.all(text("print(1)", at: "Sources/chaos/Console.swift")).isEmpty)
        #expect(BannedWords.all(text("print(1)", at: "Sources/shop/Shop.swift")).isEmpty)
        #expect(!BannedWords.all(text("print(1)", at: "Tests/HTTPTests/A.swift")).isEmpty)
        #expect(!BannedWords.all(text("print(1)", at: "plugins/sql/Sources/A.swift")).isEmpty)
    }

    // MARK: - Comments

    @Test func `an unchecked conformance says why`() {
        let plain = "/// A box.\nfinal class A: @unchecked Sendable {}"
        #expect(lines(CommentRules.unchecked(text(plain))) == [2])
        let far = "// Unchecked: confined.\nlet a = 1\nclass A: @unchecked Sendable {}"
        #expect(lines(CommentRules.unchecked(text(far))) == [3])
        let said = "/// A box; confined to its loop\n/// (`@unchecked Sendable`).\n@safe final\n"
        let attribute = said.replacing("@safe final\n", with: "@safe\n")
        #expect(CommentRules.unchecked(text(attribute + "class A: @unchecked Sendable {}")).isEmpty)
        #expect(CommentRules.unchecked(text("let a = \"@unchecked Sendable\"")).isEmpty)
    }

    @Test func `a promise names its issue`() {
        #expect(lines(CommentRules.promises(text("let a = 1\n// TODO: later"))) == [2])
        #expect(lines(CommentRules.promises(text("// FIXME"))) == [1])
        #expect(CommentRules.promises(text("// TODO(#12): later")).isEmpty)
        #expect(CommentRules.promises(text("let a = \"TODO\"\n// a TODOS list")).isEmpty)
    }

    // MARK: - Doors

    @Test func `imports are read with all that may stand before and behind`() {
        let code = """
            @testable import A
            internal import B
            @preconcurrency package import C
            import func Glibc.pow
            // import D
            let a = "import E"
            """
        #expect(
            ImportRules.imports(text(code)) == [
                .init(module: "A", scope: nil, line: 1), .init(module: "B", scope: nil, line: 2),
                .init(module: "C", scope: nil, line: 3),
                .init(module: "Glibc", scope: "func", line: 4),
            ]
        )
    }

    @Test func `a C library stays in its overlay and the overlay's tests`() {
        func findings(_ code: String, _ path: String) -> [Finding] {
            ImportRules.overlay(text(code, at: path))
        }
        #expect(findings("import CPostgres", "Sources/Postgres/A.swift").isEmpty)
        #expect(findings("import CPostgres", "Tests/PostgresTests/A.swift").isEmpty)
        #expect(findings("import CLinux", "Sources/EventLoop/A.swift").isEmpty)
        #expect(findings("import ChaosModel\nimport CommandLine", "Sources/HTTP/A.swift").isEmpty)
        #expect(lines(findings("\nimport CPostgres", "Sources/ShopCore/A.swift")) == [2])
        #expect(lines(findings("import CPostgres", "plugins/sql/Sources/A.swift")) == [1])
        #expect(lines(findings("import CLinux", "Sources/HTTP/A.swift")) == [1])
    }

    @Test func `a pure room does not touch the world`() {
        func findings(_ code: String, _ path: String) -> [Finding] {
            ImportRules.purity(text(code, at: path))
        }
        let pure = "Sources/ChaosPlan/A.swift"
        #expect(findings("import ChaosModel\nimport func Glibc.pow", pure).isEmpty)
        for module in ["Glibc", "EventLoop", "LinuxSystem", "Foundation", "CLinux"] {
            #expect(lines(findings("import \(module)", pure)) == [1])
        }
        #expect(lines(findings("import struct Glibc.timeval", pure)) == [1])
        #expect(findings("import EventLoop", "Sources/ChaosRunner/A.swift").isEmpty)
        #expect(findings("import EventLoop", "Tests/ChaosPlanTests/A.swift").isEmpty)
    }

    @Test func `a pure room has doors to pure rooms only`() {
        let manifest = Manifest(
            """
            room("ChaosPlan", ["JSON", "EventLoop"]),
            room("ChaosVerdict", ["ChaosJournal"]), room("HTTP", ["EventLoop"]),
            """
        )
        #expect(ImportRules.pureDoors(manifest).map(\.line) == [1])
    }

    @Test func `a room's header has 3 to 25 lines`() {
        let story = "import A\n\n// A room.\n//\n//   a ─▶ b\n\n/// It.\nstruct S {}"
        #expect(HeaderRules.story(text(story)).isEmpty)
        #expect(!HeaderRules.story(text("// A room.\n\nstruct S {}\n// a\n// b\n// c")).isEmpty)
        let long = String(repeating: "// a\n", count: 26)
        #expect(!HeaderRules.story(text(long + "struct S {}")).isEmpty)
        #expect(!HeaderRules.story(text("struct S {}")).isEmpty)
    }
}
