internal import CLinux
internal import Synchronization

extension Loop {
    /// How many processors this process may use, at least 1: more busy loops than that help nobody.
    package static var processorCount: Int { Int(clinux_processor_count()) }

    /// For executables: turns the calling thread into a loop until the body ends, and returns what
    /// it returned.
    ///
    /// Throws what the body throws, and `SystemError` when no loop can be made.
    package static func main<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let loop = try Loop(label: "main")
        let outcome = MainOutcome<Value>()
        // Owned by this function: the loop runs until the task has ended.
        loop.spawn {
            do {
                let value = try await body()
                outcome.result.withLock { $0 = .success(value) }
            } catch {
                outcome.result.withLock { $0 = .failure(error) }
            }
            loop.stop()
        }
        loop.run()
        guard let result = outcome.result.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }
}

private final class MainOutcome<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
}
