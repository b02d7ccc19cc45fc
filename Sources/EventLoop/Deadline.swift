internal import Synchronization

/// A body did not end within its limit; it was cancelled and has ended.
package struct DeadlineExceeded: Error, Equatable, CustomStringConvertible {
    package var limit: Duration
    package var description: String { "not done within \(limit)" }
}

/// Runs a body on the current loop and cancels it when the limit passes; waits for its end in any
/// case.
///
/// Throws `DeadlineExceeded` when the limit passed and the body ended with an error; what the body
/// throws otherwise. A body that ignores cancellation is waited for.
package func withDeadline<Value>(
    _ limit: Duration,
    _ body: @escaping () async throws -> Value
) async throws -> Value {
    guard let loop = Loop.current else { preconditionFailure("withDeadline is called on a loop") }
    let attempt = Attempt(body)
    // Owned by this function: it is awaited before it returns.
    let task = loop.spawn { await attempt.run() }
    let timer = loop.after(limit) {
        attempt.isExpired = true
        task.cancel()
    }
    defer { loop.cancel(timer) }
    try await withTaskCancellationHandler {
        try await task.value
    } onCancel: {
        task.cancel()
    }
    switch attempt.result {
    case .success(let value)?: return value
    case .failure(let error)?:
        if attempt.isExpired { throw DeadlineExceeded(limit: limit) }
        throw error
    case nil: throw CancellationError()
    }
}

// Unchecked: the body, its result and the flag are touched only on the loop that runs both tasks.
private final class Attempt<Value>: @unchecked Sendable {
    private let body: () async throws -> Value
    var result: Result<Value, any Error>?
    var isExpired = false

    init(_ body: @escaping () async throws -> Value) {
        self.body = body
    }

    func run() async {
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
    }
}
