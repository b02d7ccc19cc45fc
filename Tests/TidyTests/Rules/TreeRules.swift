import JSON

/// What stands where: the top of the tree, the front page, the experiments, the suites.
enum TreeRules {
    // MARK: - The top

    static let allowed: Set<String> = [
        "Package.swift", "Sources", "Tests", "experiments", "plugins", "README.md", "Makefile",
        "CHANGELOG.md", "LICENSE", "docs", "gamedays", "Benchmarks",
        // Made by running things, and ignored by git.
        "runs",
    ]

    static func topLevel(_ names: [String]) -> [Finding] {
        names.filter { !allowed.contains($0) && !$0.hasPrefix(".") }.map { name in
            Finding(
                name,
                "the top of the tree has no place for it",
                remedy: "Move it into docs, Tests, experiments, Benchmarks or a room."
            )
        }
    }

    // MARK: - Pages

    static let readmeMax = 200

    static func readme(_ page: MarkdownText) -> [Finding] {
        let count = page.lines.last == "" ? page.lines.count - 1 : page.lines.count
        guard count > readmeMax else { return [] }
        return [
            Finding(
                page.path,
                "\(count) lines, \(readmeMax) is the wall",
                remedy: "Move details to docs/ or to the page of the plugin, and link them."
            )
        ]
    }

    /// Links to files lead somewhere.
    static func links(_ page: MarkdownText, exists: (String) -> Bool) -> [Finding] {
        let folder = page.path.split(separator: "/").dropLast()
        return page.fileLinks.compactMap { target, line in
            var parts = folder
            for part in target.split(separator: "/") where part != "." {
                if part == ".." { _ = parts.popLast() } else { parts.append(part) }
            }
            guard !exists(parts.joined(separator: "/")) else { return nil }
            return Finding(
                page.path,
                line,
                "the link leads to \(target), which is not there",
                remedy: "Mend the path, or take the link away."
            )
        }
    }

    // MARK: - Experiments

    /// The longest first sentence that is still one claim.
    static let sentenceMax = 240

    /// `title` and `description` open the file, and the description opens with one sentence.
    static func experiment(path: String, _ text: String) -> [Finding] {
        func finding(_ what: String, _ remedy: String) -> [Finding] {
            [Finding(path, 1, what, remedy: remedy)]
        }
        guard let root = try? JSONValue.parse(Array(text.utf8)).objectValue else {
            return finding("it is no JSON object", "Look at what chaos validate says of it.")
        }
        guard root.names.prefix(3).contains("description") else {
            return finding(
                "it does not open with its description",
                "Put chaos, title and description first, in this order."
            )
        }
        let description = root["description"]?.stringValue ?? ""
        let sentence = firstSentence(description)
        guard let sentence, (20...sentenceMax).contains(sentence.count) else {
            return finding(
                "its description does not open with one sentence of at most \(sentenceMax) letters",
                "Say first, in one sentence that data can refute, what will hold under which fault."
            )
        }
        return []
    }

    /// Up to the first full stop that ends a sentence.
    static func firstSentence(_ text: String) -> Substring? {
        if let end = text.firstRange(of: ". ") { return text[..<end.upperBound].dropLast() }
        return text.hasSuffix(".") ? text[...] : nil
    }

    // MARK: - Suites

    /// The suites that run in parallel are named in the Makefile; all others run one test at a
    /// time.
    static func suites(makefile: String, _ manifest: Manifest) -> [Finding] {
        let lines = makefile.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("UNIT :=") }) else {
            return [Finding("Makefile", "it names no UNIT suites", remedy: "Write UNIT := JSON …")]
        }
        var names: [Substring] = []
        var index = start
        while index < lines.count {
            let isContinued = lines[index].hasSuffix("\\")
            names += lines[index].split(whereSeparator: \.isWhitespace).filter {
                !["UNIT", ":=", "\\"].contains($0)
            }
            guard isContinued else { break }
            index += 1
        }
        let suites = Set(manifest.testTargets.map(\.name))
        let strange = names.filter { !suites.contains("\($0)Tests") }.map { name in
            Finding(
                "Makefile",
                start + 1,
                "\(name)Tests is no test target",
                remedy: "Take it out of UNIT, or mend its name."
            )
        }
        let missing = ImportRules.pure.sorted().filter { room in
            suites.contains(room + "Tests") && !names.contains(Substring(room))
        }
        return strange
            + missing.map { room in
                Finding(
                    "Makefile",
                    start + 1,
                    "\(room) is a pure room and its tests are not in UNIT",
                    remedy: "Add \(room) to UNIT."
                )
            }
    }
}
