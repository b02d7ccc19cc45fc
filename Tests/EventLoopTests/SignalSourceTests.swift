import EventLoop
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)), .serialized)
struct SignalSourceTests {
    @Test func `signals arrive as values, in order`() async throws {
        let received = try await onLoop { _ in
            var signals = try SignalSource.on([SIGUSR1, SIGUSR2]).makeAsyncIterator()
            // Directed at this thread, which has them blocked; others keep their default effect.
            raise(SIGUSR2)
            let first = await signals.next()
            raise(SIGUSR1)
            return [first, await signals.next()]
        }
        #expect(received == [SIGUSR2, SIGUSR1])
    }

    @Test func `ending the sequence closes its descriptor`() async throws {
        try await onLoop { loop in
            for _ in 0..<3 {
                let signals = try SignalSource.on([SIGUSR1])
                let reader = Task(executorPreference: loop) {
                    for await _ in signals { return }
                }
                try await turn(loop)
                reader.cancel()
                await reader.value
                try await turn(loop)
            }
            // A pending signal without a reader would end the process here if its mask were gone.
            raise(SIGUSR1)
            var again = try SignalSource.on([SIGUSR1]).makeAsyncIterator()
            #expect(await again.next() == SIGUSR1)
        }
    }
}
