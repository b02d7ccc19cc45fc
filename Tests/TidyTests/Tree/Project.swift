import LinuxSystem

/// The project on disk, found from where this file was compiled; only read.
struct Project {
    /// Its folder.
    let root: String
    /// Every file from the project's folder on, sorted; hidden ones and what is built are left out.
    let paths: [String]
    /// The names at the top, hidden ones too.
    let topLevel: [String]

    /// Names at the top that are made by running things; `.gitignore` has them too.
    private static let made: Set<String> = [".build", ".swiftpm", ".git", "runs"]

    init(root: String = Project.foundRoot) throws {
        self.root = root
        topLevel = try SystemFiles.list(root).sorted()
        var found: [String] = []
        for name in topLevel where !Self.made.contains(name) && !name.hasPrefix(".") {
            try Self.collect(name, below: root, into: &found)
        }
        paths = found.sorted()
    }

    private static func collect(
        _ path: String,
        below root: String,
        into found: inout [String]
    ) throws {
        guard SystemFiles.isDirectory("\(root)/\(path)") else { return found.append(path) }
        for name in try SystemFiles.list("\(root)/\(path)") where !name.hasPrefix(".") {
            try collect("\(path)/\(name)", below: root, into: &found)
        }
    }

    /// Two folders above this file's: `Tests/TidyTests/Tree`.
    private static var foundRoot: String {
        (0..<4).reduce(#filePath) { path, _ in SystemFiles.parent(of: path) }
    }

    func text(_ path: String) throws -> String {
        String(decoding: try SystemFiles.read("\(root)/\(path)"), as: UTF8.self)
    }

    func exists(_ path: String) -> Bool { SystemFiles.exists("\(root)/\(path)") }

    func page(_ path: String) throws -> MarkdownText { MarkdownText(path: path, try text(path)) }

    func manifest() throws -> Manifest { Manifest(try text("Package.swift")) }

    /// Every Swift file, taken apart.
    func swift() throws -> [SwiftText] {
        try paths.filter { $0.hasSuffix(".swift") }.map { SwiftText(path: $0, try text($0)) }
    }

    /// The names directly in a folder.
    func names(in folder: String) throws -> [String] {
        try SystemFiles.list("\(root)/\(folder)").filter { !$0.hasPrefix(".") }.sorted()
    }
}
