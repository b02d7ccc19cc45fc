/// Doors open one way: C libraries stay in their overlays, pure rooms away from the world.
enum ImportRules {
    /// An `import` statement.
    struct Import: Equatable {
        var module: String
        /// `func` of `import func Glibc.pow`; `nil` for the whole module.
        var scope: String?
        /// From 1.
        var line: Int
    }

    static func imports(_ text: SwiftText) -> [Import] {
        text.code.enumerated().compactMap { index, line in
            var words = CodeWord.all(in: [line]).map(\.text).drop { before.contains($0) }
            guard words.popFirst() == "import", var module = words.popFirst() else { return nil }
            var scope: String?
            if scopes.contains(module), let next = words.popFirst() {
                (scope, module) = (module, next)
            }
            return Import(module: module, scope: scope, line: index + 1)
        }
    }

    private static let before: Set<String> = [
        "@", "preconcurrency", "testable", "package", "public", "internal", "private",
        "fileprivate",
    ]
    private static let scopes: Set<String> = [
        "func", "struct", "class", "enum", "protocol", "typealias", "var", "let",
    ]

    // MARK: - C libraries

    /// Where a C module may be imported; those that are not here belong to the room named after
    /// them.
    private static let overlays: [String: Set<String>] = [
        "CClock": ["ProcessClock"],
        "CLinux": ["EventLoop", "LinuxSystem", "ChaosProxy", "PacketQueue", "NetworkFixtures"],
        "COpenSSL": ["TLS"],
        "CTrace": ["ProcessTrace"],
    ]

    static func overlay(_ text: SwiftText) -> [Finding] {
        imports(text).filter { isC($0.module) }.compactMap { found in
            let rooms = overlays[found.module] ?? [String(found.module.dropFirst())]
            let room = text.room.map { $0.hasSuffix("Tests") ? String($0.dropLast(5)) : $0 }
            if let room, rooms.contains(room) { return nil }
            let names = rooms.sorted().joined(separator: ", ")
            return Finding(
                text.path,
                found.line,
                "\(found.module) is imported outside of its overlay",
                remedy: "Use what \(names) makes of it, and add there what is missing."
            )
        }
    }

    /// `CPostgres`, but neither `ChaosModel` nor `CommandLine`.
    private static func isC(_ module: String) -> Bool {
        let letters = Array(module.utf8.prefix(2))
        let isUpper =
            letters.count == 2 && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letters[1])
        return isUpper && letters[0] == UInt8(ascii: "C")
    }

    // MARK: - Pure rooms

    /// Rooms that touch no file, socket, clock or random number: same input, same output.
    static let pure: Set<String> = [
        "JSON", "CommandLine", "ChaosModel", "ChaosPluginAPI", "ChaosPlan", "ChaosStatistics",
        "ChaosVerdict", "ChaosReport",
    ]

    static func purity(_ text: SwiftText) -> [Finding] {
        guard let room = text.room, pure.contains(room), text.parts[0] == "Sources" else {
            return []
        }
        return imports(text).compactMap { found in
            // A pure function is no door to the world: `import func Glibc.pow`.
            if found.module == "Glibc", found.scope == "func" { return nil }
            guard world.contains(found.module) || isC(found.module) else { return nil }
            return Finding(
                text.path,
                found.line,
                "\(room) is pure and imports \(found.module)",
                remedy: found.module == "Glibc"
                    ? "Import the pure function alone: import func Glibc.pow."
                    : "Take the value as an argument from a room that may ask the world."
            )
        }
    }

    private static let world: Set<String> = [
        "Glibc", "Foundation", "FoundationEssentials", "Dispatch", "EventLoop", "LinuxSystem",
        "HTTP",
        "Postgres", "PostgresServer", "Telemetry", "Synchronization",
    ]

    /// The manifest's doors: a pure room leads to pure rooms only.
    ///
    /// The journal is a pure room with a writer; what may be read of it is data.
    static func pureDoors(_ manifest: Manifest) -> [Finding] {
        manifest.rooms.filter { pure.contains($0.name) }.flatMap { room in
            room.doors.filter { !pure.contains($0) && $0 != "ChaosJournal" }.map { door in
                Finding(
                    "Package.swift",
                    room.line,
                    "\(room.name) is pure and has a door to \(door)",
                    remedy:
                        "Take the door away; the runner, plugins and programs touch the world."
                )
            }
        }
    }
}
