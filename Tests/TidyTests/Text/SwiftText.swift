/// A Swift file taken apart: its lines, its code without words that only look like code, its
/// comments.
///
/// `code` and `comments` have one line for each line of the file. In `code`, comments and the
/// insides of string literals are blank and raw identifiers are `_`; what an interpolation computes
/// is code.
struct SwiftText {
    let path: String
    let lines: [Substring]
    let code: [String]
    let comments: [String]
    /// The lines, from 0, that begin inside a literal of several lines: data as wide as it is.
    let dataLines: Set<Int>

    init(path: String, _ text: String) {
        self.path = path
        lines = Self.lines(text)
        var scanner = SwiftScanner(text)
        scanner.run()
        code = Self.lines(scanner.code)
        comments = Self.lines(scanner.comments)
        dataLines = scanner.dataLines
    }

    /// Folder by folder: `["Sources", "HTTP", "Codec", "Wire.swift"]`.
    var parts: [Substring] { path.split(separator: "/") }

    /// The room it belongs to: `HTTP`, `HTTPTests`; `nil` outside of rooms (plugins, the manifest).
    var room: String? {
        let parts = parts
        guard parts.count > 2, parts[0] == "Sources" || parts[0] == "Tests" else { return nil }
        return String(parts[1])
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }
}
