import Testing

// TidyTests: the rules of the house that a machine can check, as tests.
//
//     files on disk ──Project──▶ SwiftText · Manifest · MarkdownText ──Rules/──▶ [Finding]
//
// A rule is a pure function from text to findings; `Planted/` proves on small texts that each can
// fail. A finding says where, what, and what to do. Here the rules meet the real tree.

/// The tree keeps the rules of the house.
@Suite struct TidyTests {
    private let project: Project

    init() throws { project = try Project() }

    private func expectNone(_ findings: [Finding]) {
        for finding in findings.sorted() { Issue.record("\(finding)") }
    }

    @Test func `the tree was found`() throws {
        #expect(project.exists("Package.swift"))
        #expect(try project.swift().count > 300)
        #expect(try project.manifest().rooms.count > 20)
        #expect(try project.manifest().testTargets.count > 20)
    }

    @Test func `every Swift file keeps the rules of size, words, comments and doors`() throws {
        for text in try project.swift() {
            expectNone(SizeRules.all(text) + BannedWords.all(text) + CommentRules.all(text))
            expectNone(ImportRules.overlay(text) + ImportRules.purity(text))
        }
        expectNone(ImportRules.pureDoors(try project.manifest()))
    }

    @Test func `every room tells its story`() throws {
        let manifest = try project.manifest()
        expectNone(HeaderRules.presence(manifest, exists: project.exists))
        for path in HeaderRules.swiftRooms(manifest).map(HeaderRules.path)
        where project.exists(path) {
            expectNone(HeaderRules.story(SwiftText(path: path, try project.text(path))))
        }
    }

    @Test func `every plugin is whole, registered and built`() throws {
        let manifest = try project.manifest()
        let folders = try project.names(in: "plugins").filter { $0 != "Registry.swift" }
        for folder in folders {
            let names = try project.names(in: "plugins/\(folder)")
            expectNone(PluginRules.folder(folder, holding: names))
        }
        expectNone(PluginRules.manifest(manifest, folders: folders))
        let path = PluginRules.registryPath
        let registry = SwiftText(path: path, try project.text(path))
        expectNone(PluginRules.registry(registry, manifest))
    }

    @Test func `the top of the tree holds what the design allows`() {
        expectNone(TreeRules.topLevel(project.topLevel))
    }

    @Test func `pages are short enough and their links lead somewhere`() throws {
        expectNone(TreeRules.readme(try project.page("README.md")))
        for path in project.paths where path.hasSuffix(".md") {
            expectNone(TreeRules.links(try project.page(path), exists: project.exists))
        }
    }

    @Test func `every experiment opens with the sentence that it tests`() throws {
        let paths = project.paths.filter { $0.hasPrefix("experiments/") && $0.hasSuffix(".json") }
        #expect(!paths.isEmpty)
        for path in paths { expectNone(TreeRules.experiment(path: path, try project.text(path))) }
    }

    @Test func `the Makefile knows the suites`() throws {
        let makefile = try project.text("Makefile")
        expectNone(TreeRules.suites(makefile: makefile, try project.manifest()))
    }

    @Test func `every dependency has a decision record, and every record is whole`() throws {
        let names = try project.names(in: "docs/decisions")
        let pages = try names.map { try project.page("docs/decisions/\($0)") }
        for page in pages { expectNone(RecordRules.decision(page)) }
        expectNone(RecordRules.numbers(names))
        let texts = pages.map { $0.lines.joined(separator: "\n") }
        expectNone(RecordRules.dependencies(try project.manifest(), decisions: texts))
    }

    @Test func `the design page draws the rooms and doors of the manifest`() throws {
        let page = try project.page(RecordRules.designPath)
        expectNone(RecordRules.design(page, try project.manifest()))
    }
}
