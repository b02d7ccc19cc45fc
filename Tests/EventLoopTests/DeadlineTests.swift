import EventLoop
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DeadlineTests {
    @Test func `a body within its limit returns its value`() async throws {
        #expect(try await onLoop { _ in try await withDeadline(.seconds(60)) { 7 } } == 7)
    }

    @Test func `a body past its limit is cancelled and said so`() async throws {
        let error = try await onLoop { loop in
            await #expect(throws: DeadlineExceeded.self) {
                try await withDeadline(.milliseconds(2)) {
                    try await loop.sleep(for: .seconds(3600))
                }
            }
        }
        #expect(error?.limit == .milliseconds(2))
    }

    @Test func `an error of the body passes unchanged`() async throws {
        try await onLoop { _ in
            _ = await #expect(throws: Oops.self) {
                try await withDeadline(.seconds(60)) { throw Oops() }
            }
        }
    }

    @Test func `a cancellation from outside reaches the body as such`() async throws {
        try await onLoop { loop in
            let task = Task(executorPreference: loop) {
                try await withDeadline(.seconds(60)) { try await loop.sleep(for: .seconds(3600)) }
            }
            try await turn(loop)
            task.cancel()
            let result = await task.result
            #expect(throws: CancellationError.self) { try result.get() }
        }
    }

    @Test func `deadlines nest and the inner one strikes first`() async throws {
        try await onLoop { loop in
            let error = await #expect(throws: DeadlineExceeded.self) {
                try await withDeadline(.seconds(60)) {
                    try await withDeadline(.milliseconds(1)) {
                        try await loop.sleep(for: .seconds(3600))
                    }
                }
            }
            #expect(error?.limit == .milliseconds(1))
        }
    }
}

private struct Oops: Error {}
