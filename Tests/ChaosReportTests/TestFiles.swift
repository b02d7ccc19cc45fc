import Glibc
import Testing

/// Files beside the tests, temporary files, and programs.
enum TestFiles {
    /// The folder of this test target.
    static let folder: String = {
        let path = #filePath
        return String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
    }()

    /// Set to record the stored samples and snapshots anew instead of comparing with them.
    static let isRecording = unsafe getenv("CHAOS_RECORD_SNAPSHOTS") != nil

    /// The bytes of a file below `folder`.
    static func bytes(_ name: String) throws -> [UInt8] {
        let path = folder + "/" + name
        let descriptor = unsafe open(path, O_RDONLY)
        try #require(descriptor >= 0, "cannot open \(path)")
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        try #require(descriptor >= 0, "cannot write \(path)")
        defer { close(descriptor) }
        var start = 0
        while start < bytes.count {
            let rest = Array(bytes[start...])
            let count = unsafe Glibc.write(descriptor, rest, rest.count)
            try #require(count > 0, "cannot write \(path)")
            start += count
        }
    }
}
