internal import CLinux
internal import Glibc

/// Signals as values, through signalfd.
package enum SignalSource {
    /// The signals that arrive from now on, in order; they lose their default effect in threads
    /// started afterwards.
    ///
    /// Call it on the loop that runs on the main thread, before other threads are started: a thread
    /// that existed before keeps the default effect. Throws `SystemError` (EMFILE).
    package static func on(_ signals: [Int32]) throws(SystemError) -> AsyncStream<Int32> {
        guard let loop = Loop.current else { preconditionFailure("signals are read on a loop") }
        let status = unsafe signals.withUnsafeBufferPointer { buffer in
            unsafe clinux_signalfd(buffer.baseAddress, Int32(buffer.count))
        }
        let descriptor = try SystemError.check(status, call: "signalfd", object: "\(signals)")
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        let reader = SignalReader(descriptor: descriptor, continuation: continuation)
        try loop.watch(descriptor, reader)
        continuation.onTermination = { _ in
            loop.execute {
                loop.unwatch(descriptor)
                close(descriptor)
            }
        }
        return stream
    }

    /// Blocks the signals in the calling thread and every thread that it starts afterwards.
    package static func block(_ signals: [Int32]) {
        let descriptor = unsafe signals.withUnsafeBufferPointer { buffer in
            unsafe clinux_signalfd(buffer.baseAddress, Int32(buffer.count))
        }
        if descriptor >= 0 { close(descriptor) }
    }
}

private final class SignalReader: ReadinessHandler {
    private let descriptor: Int32
    private let continuation: AsyncStream<Int32>.Continuation

    init(descriptor: Int32, continuation: AsyncStream<Int32>.Continuation) {
        self.descriptor = descriptor
        self.continuation = continuation
    }

    func ready(_ readiness: Readiness) {
        while case let signal = clinux_signalfd_read(descriptor), signal > 0 {
            continuation.yield(signal)
        }
    }
}
