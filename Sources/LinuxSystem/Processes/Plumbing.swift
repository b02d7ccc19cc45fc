internal import CLinux
internal import EventLoop
internal import Glibc

/// The descriptors behind a child's standard streams: its ends, and ours.
struct Plumbing {
    private var theirs: [Int32] = []
    /// Our ends of pipes by the child's number (0, 1, 2); non-blocking.
    private var ours: [Int: Int32] = [:]

    /// The descriptor that the child shall have as `number`; -1 inherits.
    mutating func open(_ standard: SpawnRequest.Standard, number: Int) throws(SystemError) -> Int32
    {
        switch standard {
        case .inherit:
            return -1
        case .descriptor(let descriptor):
            return descriptor
        case .null:
            return try keep(path: "/dev/null", flags: O_RDWR)
        case .file(let path, let append):
            let flags = number == 0 ? O_RDONLY : O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC)
            return try keep(path: path, flags: flags)
        case .pipe:
            var ends: [Int32] = [-1, -1]
            let status = unsafe clinux_pipe(&ends)
            _ = try SystemError.check(status, call: "pipe2", object: "a standard stream")
            let (child, parent) = number == 0 ? (ends[0], ends[1]) : (ends[1], ends[0])
            theirs.append(child)
            ours[number] = parent
            _ = clinux_nonblocking(parent)
            return child
        }
    }

    private mutating func keep(path: String, flags: Int32) throws(SystemError) -> Int32 {
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw SystemError(call: "opening", object: path, code: errno)
        }
        theirs.append(descriptor)
        return descriptor
    }

    /// Our ends as streams on the loop, by the child's number.
    ///
    /// Throws `SystemError`; all our ends are closed then.
    mutating func adoptOurs(_ loop: Loop) throws -> [Int: Stream] {
        defer { ours = [:] }
        var streams: [Int: Stream] = [:]
        for (number, descriptor) in ours {
            do {
                streams[number] = try Stream(adopting: descriptor, loop: loop)
            } catch {
                for stream in streams.values { stream.close() }
                for (other, descriptor) in ours where streams[other] == nil {
                    Glibc.close(descriptor)
                }
                throw error
            }
        }
        return streams
    }

    /// Closes the child's ends, and ours as far as nobody adopted them.
    mutating func close() {
        for descriptor in theirs + ours.values { Glibc.close(descriptor) }
        theirs = []
        ours = [:]
    }
}
