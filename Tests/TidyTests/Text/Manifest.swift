/// What `Package.swift` says of targets and their doors, read from its text.
///
/// It understands the manifest's own helpers (`room`, `tests`, `plugin`) and SwiftPM's `.target`
/// and its kin, each with literal names; a manifest that computes names has to teach this reader.
struct Manifest {
    var targets: [Target] = []

    struct Target: Equatable {
        enum Kind: Equatable {
            case library, executable, systemLibrary, test
            /// The target of a plugin; `folder` is its name below `plugins/`.
            case plugin(folder: String)
        }

        var name: String
        var kind: Kind
        /// The targets it depends on, as written.
        var doors: [String] = []
        /// Where its sources are when that is not the usual place.
        var path: String?
        /// Folders that it leaves out.
        var exclude: [String] = []
        /// From 1.
        var line: Int
    }

    init(_ text: String) {
        let tokens = ManifestToken.all(in: text)
        for index in tokens.indices.dropLast() where tokens[index + 1] == .mark("(") {
            guard case .word(let call, let line) = tokens[index] else { continue }
            if index > 0, case .word("func", _) = tokens[index - 1] { continue }
            let arguments = ManifestArguments(tokens[(index + 2)...])
            targets += Self.targets(call, arguments, line)
        }
    }

    /// The targets that are a room of `Sources` or the list of plugins: what the design page draws.
    var rooms: [Target] {
        targets.filter { target in
            switch target.kind {
            case .library, .executable, .systemLibrary:
                !["Tests/", "Benchmarks/"].contains { (target.path ?? "").hasPrefix($0) }
            case .test, .plugin: false
            }
        }
    }

    var testTargets: [Target] { targets.filter { $0.kind == .test } }

    /// The names of folders below `plugins/` with the targets made of them.
    var plugins: [(folder: String, target: Target)] {
        targets.compactMap { target in
            if case .plugin(let folder) = target.kind { (folder, target) } else { nil }
        }
    }

    subscript(name: String) -> Target? { targets.first { $0.name == name } }

    private static let kinds: [String: Target.Kind] = [
        "room": .library, "target": .library, "executableTarget": .executable,
        "systemLibrary": .systemLibrary, "tests": .test, "testTarget": .test,
    ]

    private static func targets(
        _ call: String,
        _ arguments: ManifestArguments,
        _ line: Int
    ) -> [Target] {
        if call == "plugin" { return plugin(arguments, line) }
        guard let kind = kinds[call], let name = arguments.text("name", at: 0) else { return [] }
        var target = Target(name: name, kind: kind, line: line)
        target.doors = arguments.texts("dependencies", at: 1)
        target.path = arguments.text("path")
        target.exclude = arguments.texts("exclude")
        if call == "tests" {
            target.name += "Tests"
            target.doors.insert(name, at: 0)
        }
        return [target]
    }

    private static func plugin(_ arguments: ManifestArguments, _ line: Int) -> [Target] {
        guard let folder = arguments.text(at: 0), let name = arguments.text(at: 1) else {
            return []
        }
        let doors = ["JSON", "ChaosModel", "ChaosPluginAPI"] + arguments.texts(at: 2)
        let testing = [name] + doors + arguments.texts("testing")
        let kind = Target.Kind.plugin(folder: folder)
        let path = "plugins/\(folder)"
        return [
            Target(name: name, kind: kind, doors: doors, path: path, line: line),
            Target(
                name: name + "Tests",
                kind: .test,
                doors: testing,
                path: path + "/Tests",
                line: line
            ),
        ]
    }
}

/// The arguments of one call: labels, and the string literals in each.
private struct ManifestArguments {
    private struct Argument {
        var label: String?
        var texts: [String] = []
        /// Whether it is one literal and nothing else.
        var isText = true
    }

    private var arguments: [Argument] = []

    /// Reads up to the parenthesis that closes the call.
    init(_ tokens: ArraySlice<ManifestToken>) {
        var depth = 0
        var current: Argument?
        func isLabel(_ index: Int) -> Bool {
            index + 1 < tokens.endIndex && tokens[index + 1] == .mark(":") && depth == 0
        }
        for (index, token) in zip(tokens.indices, tokens) {
            switch token {
            case .mark(")") where depth == 0:
                if let current { arguments.append(current) }
                return
            case .mark(",") where depth == 0:
                if let current { arguments.append(current) }
                current = nil
            case .word(let word, _) where isLabel(index):
                current = Argument(label: word)
            case .text(let text):
                current = current ?? Argument()
                current?.texts.append(text)
            case .mark(":"): break
            case .mark(let mark):
                if "([".contains(mark) { depth += 1 }
                if ")]".contains(mark) { depth -= 1 }
                current = current ?? Argument()
                current?.isText = false
            case .word:
                current = current ?? Argument()
                current?.isText = false
            }
        }
    }

    private func argument(_ label: String?, _ position: Int?) -> Argument? {
        if let label, let found = arguments.first(where: { $0.label == label }) { return found }
        guard let position, arguments.indices.contains(position) else { return nil }
        return arguments[position].label == nil ? arguments[position] : nil
    }

    func text(_ label: String? = nil, at position: Int? = nil) -> String? {
        guard let found = argument(label, position), found.isText else { return nil }
        return found.texts.first
    }

    func texts(_ label: String? = nil, at position: Int? = nil) -> [String] {
        argument(label, position)?.texts ?? []
    }
}
