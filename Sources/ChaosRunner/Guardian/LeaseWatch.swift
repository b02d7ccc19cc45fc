import EventLoop
import Glibc

/// The guardian's end of the lease: reads heartbeats until the runner lets go or is lost.
struct LeaseWatch {
    /// How the lease ended.
    enum Ending: Sendable, Equatable {
        /// The runner said that the run ended cleanly.
        case released
        case lost(String)
    }

    /// The runner is alive.
    static let heartbeat = UInt8(ascii: ".")
    /// The run ended cleanly and nothing is left in effect.
    static let release = UInt8(ascii: "Q")
    /// When the silence is over, a busy machine may only have kept *us* from reading: look once
    /// more.
    private static let lastLook = Duration.milliseconds(20)

    private let stream: EventLoop.Stream
    private let silenceMax: Duration

    /// Errors: the descriptor cannot be watched.
    init(descriptor: Int32, silenceMax: Duration) throws {
        guard let loop = Loop.current else { preconditionFailure("a lease is watched on a loop") }
        // The pipe comes from the runner, whose end alone was made non-blocking.
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
            throw SystemError(call: "watching", object: "the lease", code: errno)
        }
        stream = try EventLoop.Stream(adopting: descriptor, loop: loop)
        self.silenceMax = silenceMax
    }

    func wait() async -> Ending {
        var isWarned = false
        while true {
            do {
                let bytes = try await read(within: isWarned ? Self.lastLook : silenceMax)
                if bytes.contains(Self.release) { return .released }
                if bytes.isEmpty { return .lost("it is gone") }
                isWarned = false
            } catch is DeadlineExceeded {
                if isWarned { return .lost("it was silent for \(silenceMax)") }
                isWarned = true
            } catch {
                return .lost("\(error)")
            }
        }
    }

    private func read(within limit: Duration) async throws -> [UInt8] {
        try await withDeadline(limit) {
            var buffer = ByteBuffer()
            let count = try await stream.read(into: &buffer, atMost: 4096)
            return count == 0 ? [] : buffer.bytes
        }
    }
}
