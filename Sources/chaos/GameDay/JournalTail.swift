import ChaosJournal
import EventLoop
import Glibc

/// Follows a journal that another process writes: what is new since the last look.
struct JournalTail {
    private let path: String
    private var offset = 0

    /// What one look reads at most; the next look goes on from there.
    private static let readMaximum = 4 << 20

    init(path: String) {
        self.path = path
    }

    /// The events that were completed since; a line without its end waits for the next look.
    mutating func events() -> [JournalEvent] {
        let bytes = Self.read(path, from: offset)
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        offset += end + 1
        return bytes[...end].split(separator: UInt8(ascii: "\n")).compactMap { line in
            // The clients' history is long, and nobody looks at it here.
            line.firstRange(of: Self.operation) == nil ? try? JournalEvent(line: Array(line)) : nil
        }
    }

    private static let operation = Array("\"event\":\"operation\"".utf8)

    /// Nothing when the file is not there yet.
    private static func read(_ path: String, from offset: Int) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        let wanted = min(readMaximum, size - offset)
        guard wanted > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            count = max(0, unsafe pread(descriptor, buffer.baseAddress, wanted, off_t(offset)))
        }
    }
}
