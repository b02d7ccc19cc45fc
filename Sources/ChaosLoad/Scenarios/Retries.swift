import EventLoop
import HTTP

/// One client's patience: how long it may still try, and how it pauses between attempts.
struct Retries {
    let arrival: Arrival
    var random: Xoshiro256
    private var backoff = Backoff()

    init(_ arrival: Arrival) {
        self.arrival = arrival
        random = arrival.random
    }

    /// Seconds until the client gives up; not below 0.
    var secondsLeft: Double {
        Double(max(0, arrival.deadline - Loop.monotonicNanoseconds())) / 1e9
    }

    /// The time limit of the next attempt; `nil` when the client gives up or was told to.
    func attemptLimit(atMost limit: Double) -> Duration? {
        let left = min(limit, secondsLeft)
        return left > 0 && !Task.isCancelled ? .nanoseconds(Int64(left * 1e9)) : nil
    }

    /// Waits before the next attempt; `false` when there will be none.
    mutating func pause(_ retryAfter: Double?) async -> Bool {
        let seconds = min(backoff.pause(retryAfter: retryAfter, &random), secondsLeft)
        guard seconds > 0, let loop = Loop.current else { return false }
        do {
            try await loop.sleep(for: .nanoseconds(Int64(seconds * 1e9)))
            return true
        } catch {
            return false
        }
    }

    /// What the server asks for, in seconds; dates are not understood and mean nothing.
    static func retryAfter(_ response: HTTPResponse) -> Double? {
        guard let text = response.headers["Retry-After"], let seconds = Double(text),
            seconds >= 0, seconds.isFinite
        else { return nil }
        return seconds
    }
}
