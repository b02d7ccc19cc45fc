import JSON
import LinuxSystem

/// What is examined in a page that people must be able to read and use: width, labels, size of
/// what is touched, contrast.
package enum PageExamination {
    /// Where pictures are left for people to look at.
    private static var pictures: String {
        let root = SystemFiles.parent(of: SystemFiles.parent(of: SystemFiles.parent(of: #filePath)))
        return Environment.get("CHAOS_SCREENSHOTS") ?? "\(root)/.build/screenshots"
    }

    /// Light and dark, wide and narrow: leaves a picture of each and returns what is wrong in any.
    package static func look(at browser: DevTools, name: String) async throws -> [String] {
        try SystemFiles.createDirectory(pictures, mode: 0o755, parents: true)
        var problems: [String] = []
        for width in [1280, 390] {
            for isDark in [false, true] {
                try await browser.show(width: width, height: 900, isDark: isDark)
                let title = "\(name)-\(width)-\(isDark ? "dark" : "light")"
                problems += try await Self.problems(in: browser).map { "\(title): \($0)" }
                let picture = try await browser.screenshot()
                if picture.count < 10_000 { problems.append("\(title): nothing is drawn") }
                try SystemFiles.writeAtomically("\(pictures)/\(title).png", picture, mode: 0o644)
            }
        }
        try await browser.show(width: 1280, height: 900, isDark: false)
        return problems
    }

    /// What is wrong with the page at the width that it has now.
    package static func problems(in browser: DevTools) async throws -> [String] {
        let path = SystemFiles.parent(of: #filePath) + "/examination.js"
        let script = String(decoding: try SystemFiles.read(path), as: UTF8.self)
        let wrong = try await browser.evaluate(script)
        guard let list = wrong.arrayValue else { return ["the examination gave \(wrong)"] }
        return list.map { $0.stringValue ?? $0.serialized() }
    }
}
