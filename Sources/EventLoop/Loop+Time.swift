internal import CLinux
internal import Glibc

extension Loop {
    /// Nanoseconds of CLOCK_MONOTONIC.
    package static func monotonicNanoseconds() -> Int64 { clinux_monotonic_ns() }

    /// Microseconds since the Unix epoch, UTC.
    package static func wallMicroseconds() -> Int64 { clinux_wall_us() }

    /// Has the kernel end this thread's waits without the usual 50 µs of slack; on the loop.
    ///
    /// Threads and processes that are started from this one inherit it. C counterpart:
    /// `prctl(PR_SET_TIMERSLACK, 1)`.
    package func sharpenTimers() {
        assert(isCurrent, "sharpenTimers is called on the loop's thread")
        clinux_sharpen_timers()
    }

    /// Calls a closure once after a delay, on the loop; on the loop.
    ///
    /// Never early; timers of one deadline fire in the order in which they were made. Below zero
    /// counts as zero.
    @discardableResult
    package func after(_ delay: Duration, _ body: @escaping () -> Void) -> TimerToken {
        assert(isCurrent, "after is called on the loop's thread")
        return timers.add(deadline: deadline(after: delay), .call(body))
    }

    /// Forgets a timer; harmless when it fired already; on the loop.
    package func cancel(_ timer: TimerToken) {
        assert(isCurrent, "cancel is called on the loop's thread")
        // Let go of the closure only here, when the heap is at rest: its captures may cancel timers
        // themselves.
        _ = timers.remove(timer)
    }

    /// Waits; on the loop.
    ///
    /// Throws `CancellationError` at once when the task is cancelled, `SystemError` (ECANCELED)
    /// when the loop is stopped.
    package func sleep(for delay: Duration) async throws {
        assert(isCurrent, "sleep is called on the loop's thread")
        try await sleep(Sleeper(), for: delay) { false }
    }

    /// Lets a sleeper sleep, unless it is awake already when nothing comes between any more.
    func sleep(
        _ sleeper: Sleeper,
        for delay: Duration,
        unless isAwake: () -> Bool
    ) async throws {
        try await withTaskCancellationHandler {
            try await unsafe withUnsafeThrowingContinuation {
                (continuation: UnsafeContinuation<Void, any Error>) in
                sleeper.waiter = unsafe Waiter(id: 0, continuation)
                if let refusal = refusal {
                    sleeper.resume(throwing: refusal)
                } else if isAwake() {
                    sleeper.resume(throwing: nil)
                } else {
                    sleeper.timer = timers.add(deadline: deadline(after: delay), .wake(sleeper))
                }
            }
        } onCancel: {
            execute {
                if let timer = sleeper.timer { self.cancel(timer) }
                sleeper.resume(throwing: CancellationError())
            }
        }
    }

    private func deadline(after delay: Duration) -> Int64 {
        let now = Loop.monotonicNanoseconds()
        let (deadline, overflow) = now.addingReportingOverflow(max(0, delay.nanosecondsClamped))
        return overflow ? .max : deadline
    }
}

/// A task that sleeps, woken once: by its timer, by its cancellation or by the end of the loop.
// Unchecked: touched only on the loop's thread (the timer and `execute` both run there).
final class Sleeper: @unchecked Sendable {
    var waiter: Waiter?
    var timer: TimerToken?

    func resume(throwing error: (any Error)?) {
        guard let waiting = waiter else { return }
        waiter = nil
        if let error {
            waiting.resume(throwing: error)
        } else {
            waiting.resume()
        }
    }
}

extension Duration {
    /// Whole nanoseconds, rounded towards zero; beyond about 292 years the nearest that fits.
    package var nanosecondsClamped: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, tooMany) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return tooMany || overflow ? (seconds < 0 ? .min : .max) : sum
    }
}
