import Glibc
import JSON
import Synchronization

/// Where log lines go; shared by the loggers of a process and usable from any thread.
///
/// A write happens only when poll(2) says that the descriptor takes bytes now, and never more than
/// `PIPE_BUF` of them at once, so that a reader that stopped reading cannot stop the process.
package final class LogSink: Sendable {
    /// How many bytes may wait for a slow reader; lines beyond are dropped and counted.
    package static let bufferLimit = 256 * 1024
    /// pipe(7): a writable pipe takes `PIPE_BUF` bytes without blocking.
    private static let atOnce = 4096

    private struct State: ~Copyable {
        var waiting: [UInt8] = []
        var written = 0
        var dropped = 0
        var isClosed = false
    }

    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let form: LogLine.Form
    private let state = Mutex(State())

    private init(descriptor: Int32, owned: Bool, form: LogLine.Form) {
        self.descriptor = descriptor
        self.ownsDescriptor = owned
        self.form = form
    }

    deinit { close() }

    /// Writes to standard error.
    package static func standardError(_ form: LogLine.Form) -> LogSink {
        LogSink(descriptor: STDERR_FILENO, owned: false, form: form)
    }

    /// Appends to a file, created with mode 0644.
    ///
    /// - Throws: `LogSinkError` when it cannot be opened.
    package static func file(
        _ path: String,
        _ form: LogLine.Form = .json
    ) throws(LogSinkError) -> LogSink {
        // The path is copied by the call; the descriptor is closed by `close`.
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK
        let descriptor = unsafe open(path, flags, 0o644)
        guard descriptor >= 0 else { throw LogSinkError(path: path, errno: errno) }
        return LogSink(descriptor: descriptor, owned: true, form: form)
    }

    /// Writes to a descriptor that the caller closes after the sink.
    package static func descriptor(_ number: Int32, _ form: LogLine.Form) -> LogSink {
        LogSink(descriptor: number, owned: false, form: form)
    }

    /// Takes lines and forgets them.
    package static let discarding = LogSink(descriptor: -1, owned: false, form: .json)

    var isDiscarding: Bool { descriptor < 0 }

    /// How many lines did not fit since the last one that did.
    package var droppedLines: Int { state.withLock { $0.dropped } }

    /// Writes what the descriptor takes and keeps the rest; never waits.
    package func write(_ line: LogLine) {
        guard !isDiscarding else { return }
        let bytes = line.rendered(as: form)
        state.withLock { state in
            guard !state.isClosed else { return }
            drain(&state)
            guard state.waiting.count + bytes.count <= Self.bufferLimit else {
                state.dropped += 1
                return
            }
            if state.dropped > 0 { noteDrops(&state, before: line) }
            state.waiting += bytes
            drain(&state)
        }
    }

    /// Writes what waits as far as the descriptor takes it, then closes an own descriptor.
    package func close() {
        state.withLock { state in
            guard !state.isClosed, !isDiscarding else { return }
            drain(&state)
            state.isClosed = true
            if ownsDescriptor { _ = Glibc.close(descriptor) }
        }
    }

    private func noteDrops(_ state: inout State, before line: LogLine) {
        var note = line
        note.level = .warning
        note.message = "\(state.dropped) log lines were dropped because their reader was too slow"
        note.metadata = [:]
        state.waiting += note.rendered(as: form)
        state.dropped = 0
    }

    private func drain(_ state: inout State) {
        while state.written < state.waiting.count, isWritable() {
            let end = min(state.written + Self.atOnce, state.waiting.count)
            let count = unsafe state.waiting[state.written..<end].withUnsafeBytes { bytes in
                // The buffer lives for the call only.
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            guard count > 0 else { return compact(&state) }
            state.written += count
        }
        compact(&state)
    }

    private func compact(_ state: inout State) {
        if state.written == state.waiting.count {
            state.waiting.removeAll(keepingCapacity: true)
            state.written = 0
        } else if state.written > Self.bufferLimit / 4 {
            state.waiting.removeSubrange(..<state.written)
            state.written = 0
        }
    }

    private func isWritable() -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // The pointer lives for the call only.
        let ready = unsafe poll(&request, 1, 0)
        return ready == 1 && request.revents & Int16(POLLOUT) != 0
    }
}

/// A log file that could not be opened.
package struct LogSinkError: Error, Equatable, CustomStringConvertible {
    package let path: String
    package let errno: Int32

    package var description: String {
        // strerror's text is copied at once.
        let reason = unsafe String(cString: strerror(errno))
        return "opening the log file \(path) failed: \(reason) (errno \(errno)). "
            + "Use a path in a directory that exists and may be written."
    }
}
