import Glibc
import Testing

@testable import EventLoop

@Suite(.timeLimit(.minutes(1)))
struct ListenerTests {
    @Test func `a port in use is refused with a remedy`() async throws {
        let message = try await onLoop { _ in
            let first = try Listener.bind(.ipv4("127.0.0.1", 0))
            defer { first.close() }
            do {
                _ = try Listener.bind(first.address)
                return ""
            } catch {
                return "\(error)".replacing(":\(first.address.port ?? 0) ", with: ":PORT ")
            }
        }
        #expect(
            message == "listening on 127.0.0.1:PORT failed: Address already in use (EADDRINUSE). "
                + "Another program listens there: stop it or choose another port."
        )
    }

    @Test func `closing a listener resumes its accept`() async throws {
        let code = try await onLoop { loop in
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            let acceptor = Task(executorPreference: loop) {
                try await errorCode { _ = try await listener.accept() }
            }
            try await turn(loop)
            listener.close()
            return try await acceptor.value
        }
        #expect(code == EBADF)
    }

    @Test func `a cancelled accept ends and the next one works`() async throws {
        try await onLoop { loop in
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            defer { listener.close() }
            let acceptor = Task(executorPreference: loop) { try await listener.accept() }
            try await turn(loop)
            acceptor.cancel()
            let result = await acceptor.result
            #expect(throws: CancellationError.self) { try result.get() }
            let client = try await Stream.connect(to: listener.address, timeout: .seconds(5))
            try await listener.accept().close()
            client.close()
        }
    }

    @Test(arguments: [
        (EAGAIN, Listener.Reaction.wait), (EINTR, .again), (ECONNABORTED, .again),
        (EMFILE, .pause), (ENFILE, .pause), (ENOBUFS, .pause), (ENOMEM, .pause), (EPERM, .pause),
        (EBADF, .give), (EINVAL, .give),
    ])
    func `accept never spins and gives up only for good`(
        code: Int32,
        expected: Listener.Reaction
    ) {
        #expect(Listener.reaction(to: code) == expected)
    }
}
