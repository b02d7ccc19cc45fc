/// What was decided, and what is drawn: decision records and the design page against the manifest.
enum RecordRules {
    // MARK: - Decisions

    static let sections = ["Status", "Context", "Decision", "Consequences", "Alternatives"]
    /// A page.
    static let linesMax = 80

    static func decision(_ page: MarkdownText) -> [Finding] {
        var findings: [Finding] = []
        let name = page.path.split(separator: "/").last ?? ""
        if !isNumbered(name) {
            findings.append(
                Finding(page.path, "its name is no number and title", remedy: "Use NNNN-title.md.")
            )
        }
        findings += sections.filter { !names($0, page) }.map { section in
            Finding(
                page.path,
                "it has no section \(section)",
                remedy: "A decision has \(sections.joined(separator: ", "))."
            )
        }
        if page.lines.count > linesMax {
            findings.append(
                Finding(
                    page.path,
                    "\(page.lines.count) lines, one page has \(linesMax)",
                    remedy: "Keep what decides; measurements go to Benchmarks or the page linked."
                )
            )
        }
        return findings
    }

    /// As a heading, or as the words before a colon: `**Status:** accepted`.
    private static func names(_ section: String, _ page: MarkdownText) -> Bool {
        page.sections.contains(section)
            || page.lines.contains { $0.drop { $0 == "*" }.hasPrefix("\(section):") }
    }

    /// `0003-own-json-reader.md`.
    private static func isNumbered(_ name: Substring) -> Bool {
        let parts = name.split(separator: "-", maxSplits: 1)
        return parts.count == 2 && parts[0].count == 4 && parts[0].allSatisfy(\.isNumber)
            && parts[1].hasSuffix(".md") && parts[1].allSatisfy { !$0.isUppercase && $0 != " " }
    }

    /// Two decisions have two numbers.
    static func numbers(_ names: [String]) -> [Finding] {
        Dictionary(grouping: names) { $0.prefix(4) }.filter { $0.value.count > 1 }.values
            .map { same in
                Finding(
                    "docs/decisions/\(same.sorted().last ?? "")",
                    "\(same.count) decisions have its number",
                    remedy: "Give the newer one the next free number."
                )
            }
    }

    /// A C library that is not the system's own has a record that names it.
    static func dependencies(_ manifest: Manifest, decisions: [String]) -> [Finding] {
        manifest.targets.filter { target in
            target.kind == .systemLibrary && !decisions.contains { $0.contains("`\(target.name)`") }
        }.map { target in
            Finding(
                "Package.swift",
                target.line,
                "no decision record names `\(target.name)`",
                remedy:
                    "Write docs/decisions/NNNN-title.md: what it saves, its licence, its upkeep."
            )
        }
    }

    // MARK: - The design page

    static let designPath = "docs/design.md"

    /// The table of rooms has exactly the manifest's rooms, with exactly their doors.
    static func design(_ page: MarkdownText, _ manifest: Manifest) -> [Finding] {
        let rows = page.table(headed: "room")
        guard !rows.isEmpty else {
            return [
                Finding(
                    page.path,
                    "there is no table of rooms",
                    remedy: "Write | room | one sentence | doors |."
                )
            ]
        }
        let rooms = manifest.rooms
        var findings = rows.flatMap { row($0, rooms, page.path) }
        let drawn = Set(rows.flatMap { MarkdownText.codes(in: $0.cells[0]) })
        findings += rooms.filter { !drawn.contains($0.name) }.map { room in
            Finding(
                page.path,
                rows[0].line,
                "\(room.name) of Package.swift is not in the table of rooms",
                remedy: "Add the row | `\(room.name)` | … | \(doors(of: room)) |."
            )
        }
        return findings
    }

    private static func row(
        _ row: MarkdownText.Row,
        _ rooms: [Manifest.Target],
        _ path: String
    ) -> [Finding] {
        func finding(_ what: String, _ remedy: String) -> [Finding] {
            [Finding(path, row.line, what, remedy: remedy)]
        }
        guard row.cells.count == 3, let name = MarkdownText.codes(in: row.cells[0]).first else {
            return finding(
                "it is no row of a room",
                "Write | `Room` | one sentence | `Door` `Door` |."
            )
        }
        guard let room = rooms.first(where: { $0.name == name }) else {
            return finding(
                "\(name) is no room of Package.swift",
                "Take the row away, or add the room."
            )
        }
        guard Set(MarkdownText.codes(in: row.cells[2])) == Set(room.doors) else {
            return finding(
                "the doors of \(name) are not those of Package.swift",
                "Write: \(doors(of: room))"
            )
        }
        guard !row.cells[1].isEmpty, !row.cells[1].contains(". ") else {
            return finding(
                "\(name) has no one sentence",
                "Say its one purpose; two make two rooms."
            )
        }
        return []
    }

    private static func doors(of room: Manifest.Target) -> String {
        room.doors.isEmpty ? "–" : room.doors.map { "`\($0)`" }.joined(separator: " ")
    }
}
