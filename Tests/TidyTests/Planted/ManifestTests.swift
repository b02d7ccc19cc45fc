import Testing

@Suite struct ManifestTests {
    static let sample = """
        /// A room: `room("Comment")`.
        func room(_ name: String, _ doors: [Target.Dependency] = []) -> Target {
            .target(name: name, dependencies: doors)
        }
        let plugins = [plugin("sql", "FaultSQL", ["Postgres"], testing: ["PostgresServer"])]
        targets: [
            .target(name: "CLinux"),
            .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
            room("JSON"),
            room(
                "HTTP",
                ["JSON", "EventLoop"]
            ),
            .target(name: "BundledPlugins", dependencies: ["ChaosPluginAPI", "FaultSQL"],
                path: "plugins", exclude: ["sql"], sources: ["Registry.swift"]),
            .executableTarget(name: "chaos", dependencies: ["JSON"]),
            .target(name: "Fixtures", dependencies: [], path: "Tests/Fixtures"),
            tests("HTTP", ["JSON"], exclude: ["Broken"]),
            .testTarget(name: "TidyTests", dependencies: ["JSON"]),
        ]
        """

    let manifest = Manifest(ManifestTests.sample)

    @Test func `targets are read with kind, doors, folder and line`() {
        #expect(
            manifest.rooms == [
                .init(name: "CLinux", kind: .library, line: 7),
                .init(name: "CPostgres", kind: .systemLibrary, line: 8),
                .init(name: "JSON", kind: .library, line: 9),
                .init(name: "HTTP", kind: .library, doors: ["JSON", "EventLoop"], line: 10),
                .init(
                    name: "BundledPlugins",
                    kind: .library,
                    doors: ["ChaosPluginAPI", "FaultSQL"],
                    path: "plugins",
                    exclude: ["sql"],
                    line: 14
                ),
                .init(name: "chaos", kind: .executable, doors: ["JSON"], line: 16),
            ]
        )
    }

    @Test func `tests belong to their room, and plugins bring theirs`() {
        #expect(manifest.testTargets.map(\.name) == ["FaultSQLTests", "HTTPTests", "TidyTests"])
        #expect(manifest["HTTPTests"]?.doors == ["HTTP", "JSON"])
        #expect(manifest.plugins.map(\.folder) == ["sql"])
        #expect(manifest["FaultSQL"]?.doors.last == "Postgres")
    }

    @Test func `a table of Markdown is read by the name of its first column`() {
        let page = MarkdownText(
            path: "a.md",
            """
            | other | x |
            |---|---|
            | 1 | 2 |

            | room | doors |
            |---|---|
            | `A` | `B` `C` |

            | room | again |
            """
        )
        #expect(page.table(headed: "room") == [.init(cells: ["`A`", "`B` `C`"], line: 7)])
        #expect(MarkdownText.codes(in: "`B` `C`") == ["B", "C"])
        #expect(page.table(headed: "nothing").isEmpty)
    }
}
