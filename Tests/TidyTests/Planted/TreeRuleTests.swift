import Testing

/// Each rule about the tree, on small planted trees.
@Suite struct TreeRuleTests {
    private let manifest = Manifest(ManifestTests.sample)

    private func page(_ path: String, _ text: String) -> MarkdownText {
        MarkdownText(path: path, text)
    }

    // MARK: - Plugins

    @Test(arguments: PluginRules.parts)
    func `a plugin's folder lacks nothing`(_ part: String) {
        #expect(PluginRules.folder("sql", holding: PluginRules.parts).isEmpty)
        let names = PluginRules.parts.filter { $0 != part }
        #expect(PluginRules.folder("sql", holding: names).count == 1)
    }

    @Test func `folders and the manifest's plugins agree in both directions`() {
        #expect(PluginRules.manifest(manifest, folders: ["sql"]).isEmpty)
        let more = PluginRules.manifest(manifest, folders: ["netem", "sql"])
        #expect(more.map(\.path) == ["plugins/netem"])
        #expect(PluginRules.manifest(manifest, folders: []).map(\.line) == [5])
    }

    @Test func `the bundle depends on every plugin and leaves every folder out`() {
        let without = ManifestTests.sample.replacing(", \"FaultSQL\"],\n", with: "],\n")
        #expect(PluginRules.manifest(Manifest(without), folders: ["sql"]).map(\.line) == [14])
        let including = ManifestTests.sample.replacing("exclude: [\"sql\"]", with: "exclude: []")
        #expect(PluginRules.manifest(Manifest(including), folders: ["sql"]).map(\.line) == [14])
    }

    @Test func `the registry imports and makes every plugin, and no other`() {
        func findings(_ text: String) -> [String] {
            PluginRules.registry(SwiftText(path: "plugins/Registry.swift", text), manifest)
                .map(\.what)
        }
        let imports = "package import ChaosPluginAPI\nimport FaultSQL\n"
        let line = "let all = load([\n    { try SQLPlugin() },\n])"
        #expect(findings(imports + line).isEmpty)
        #expect(findings("import ChaosPluginAPI\n" + line) == ["it does not import FaultSQL"])
        #expect(
            findings(imports + "import FaultX\n" + line) == ["FaultX is no plugin of Package.swift"]
        )
        #expect(
            findings(imports + "let all = load([])")
                == ["it makes 0 plugins and Package.swift has 1"]
        )
    }

    // MARK: - Rooms

    @Test func `every Swift room has the file of its name`() {
        #expect(HeaderRules.presence(manifest) { _ in true }.isEmpty)
        let missing = HeaderRules.presence(manifest) { $0 != "Sources/chaos/Chaos.swift" }
        #expect(missing.map(\.path) == ["Sources/chaos/Chaos.swift"])
        #expect(HeaderRules.swiftRooms(manifest) == ["JSON", "HTTP", "chaos"])
    }

    @Test func `the design page has every room with its doors, and no other`() {
        let rows = [
            "| `CLinux` | A | – |", "| `CPostgres` | A | – |", "| `JSON` | A | – |",
            "| `HTTP` | A | `EventLoop` `JSON` |",
            "| `BundledPlugins` | A | `ChaosPluginAPI` `FaultSQL` |", "| `chaos` | A | `JSON` |",
        ]
        func lines(_ rows: [String]) -> [Int?] {
            let text = (["| room | one sentence | doors |", "|---|---|---|"] + rows)
                .joined(separator: "\n")
            return RecordRules.design(page("docs/design.md", text), manifest).map(\.line)
        }
        #expect(lines(rows).isEmpty)
        #expect(lines(rows + ["| `Gone` | A | – |"]) == [9])
        #expect(lines(Array(rows.dropFirst())) == [3])
        var wrong = rows
        wrong[3] = "| `HTTP` | A | `JSON` |"
        wrong[4] = "| `BundledPlugins` | A. B | `ChaosPluginAPI` `FaultSQL` |"
        #expect(lines(wrong) == [6, 7])
        #expect(RecordRules.design(page("docs/design.md", "none"), manifest).count == 1)
    }

    // MARK: - Records

    @Test func `a dependency has a record that names it`() {
        #expect(RecordRules.dependencies(manifest, decisions: ["uses `CPostgres`"]).isEmpty)
        #expect(RecordRules.dependencies(manifest, decisions: ["uses CLinux"]).map(\.line) == [8])
    }

    @Test func `a record has its number and its five sections on one page`() {
        let whole = RecordRules.sections.map { "## \($0)\n\ntext\n" }.joined(separator: "\n")
        func count(_ name: String, _ text: String) -> Int {
            RecordRules.decision(page("docs/decisions/" + name, text)).count
        }
        #expect(count("0001-own-loop.md", whole) == 0)
        #expect(count("0001-a.md", whole.replacing("## Status", with: "**Status:** new")) == 0)
        #expect(count("1-own-loop.md", whole) == 1)
        #expect(count("0001-Own-loop.md", whole) == 1)
        #expect(count("0001-own-loop.md", whole.replacing("## Context", with: "")) == 1)
        #expect(count("0001-own-loop.md", whole + String(repeating: "\n", count: 80)) == 1)
        #expect(RecordRules.numbers(["0001-a.md", "0002-b.md"]).isEmpty)
        #expect(
            RecordRules.numbers(["0001-a.md", "0001-b.md"]).map(\.path)
                == ["docs/decisions/0001-b.md"]
        )
    }

    // MARK: - The top, pages, experiments, suites

    @Test func `the top has only what the design allows`() {
        #expect(TreeRules.topLevel(["Package.swift", ".gitignore", "runs"]).isEmpty)
        #expect(TreeRules.topLevel(["scripts", "Sources"]).map(\.path) == ["scripts"])
    }

    @Test func `the front page has 200 lines at most`() {
        let lines = String(repeating: "a\n", count: 200)
        #expect(TreeRules.readme(page("README.md", lines)).isEmpty)
        #expect(TreeRules.readme(page("README.md", lines + "a\n")).count == 1)
    }

    @Test func `links to files lead somewhere`() {
        let text = """
            [a](docs/a.md), [b](https://b.example/), [c](#there), [d](docs/gone.md#x)
            ```
            [e](in-code.md)
            ```
            """
        let found = TreeRules.links(page("README.md", text)) { $0 == "docs/a.md" }
        #expect(found.map(\.line) == [1])
        let up = TreeRules.links(page("docs/x/b.md", "[a](../a.md)")) { $0 == "docs/a.md" }
        #expect(up.isEmpty)
    }

    @Test(arguments: [
        (#"{"chaos": 1, "title": "t", "description": "When A fails, B still holds."}"#, 0),
        (#"{"chaos": 1, "title": "t", "description": "When A fails, B holds. Because."}"#, 0),
        (#"{"title": "t", "a": 1, "b": 2, "description": "When A fails, B still holds."}"#, 1),
        (#"{"chaos": 1, "title": "t"}"#, 1), (#"{"title": "t", "description": "Short."}"#, 1),
        (#"{"title": "t", "description": "no full stop at the end of this text"}"#, 1),
        ("[]", 1), ("{", 1),
    ])
    func `an experiment opens with one sentence`(_ text: String, _ count: Int) {
        #expect(TreeRules.experiment(path: "experiments/a.json", text).count == count)
    }

    @Test func `the Makefile's parallel suites exist and contain the pure rooms`() {
        let manifest = Manifest("tests(\"JSON\"), tests(\"HTTP\"), tests(\"ChaosPlan\")")
        func count(_ makefile: String) -> Int {
            TreeRules.suites(makefile: makefile, manifest).count
        }
        #expect(count("UNIT := JSON \\\n\tChaosPlan\n\ntest: HTTP") == 0)
        #expect(count("UNIT := JSON ChaosPlan Gone") == 1)
        #expect(count("UNIT := JSON") == 1)
        #expect(count("test:") == 1)
    }
}
