import LinuxSystem
import Testing

/// Files beside the tests.
enum TestFiles {
    private static let folder = SystemFiles.parent(of: #filePath)

    /// `CHAOS_RECORD_SNAPSHOTS=1 swift test` writes them anew; review them with `git diff`.
    private static let isRecording = Environment.get("CHAOS_RECORD_SNAPSHOTS") != nil

    static func read(_ name: String) throws -> [UInt8] {
        try SystemFiles.read("\(folder)/\(name)")
    }

    /// The root of the checkout.
    static let root = SystemFiles.parent(of: SystemFiles.parent(of: folder))

    static func compare(_ text: String, with name: String) throws {
        if isRecording {
            try SystemFiles.writeAtomically("\(folder)/\(name)", Array(text.utf8), mode: 0o644)
        }
        #expect(text == String(decoding: try read(name), as: UTF8.self))
    }
}
