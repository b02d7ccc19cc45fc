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

    /// Runs the body with a folder that is removed afterwards.
    static func withTemporaryFolder<T>(_ body: (String) throws -> T) throws -> T {
        var template = Array("/tmp/chaos-report-XXXXXX".utf8CString)
        let made = unsafe mkdtemp(&template)
        try #require(unsafe made != nil)
        let path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        defer { _ = try? output(of: "rm -rf '\(path)'") }
        return try body(path)
    }

    /// What a shell command writes to its standard output.
    static func output(of command: String) throws -> String {
        let stream = unsafe popen(command, "r")
        let pipe = try unsafe #require(unsafe stream)
        defer { _ = unsafe pclose(pipe) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, pipe)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
