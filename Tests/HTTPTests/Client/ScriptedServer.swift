import EventLoop
import HTTP

/// A server that does to each connection exactly what the test says.
final class ScriptedServer {
    private let listener: Listener
    private let task: Task<Void, any Error>
    let accepted = Counter()
    var url: String { "http://\(listener.address)" }

    /// `script` is run for each connection with its number, one after another or side by side.
    init(_ script: @escaping @Sendable (Int, RawClient) async throws -> Void) throws {
        guard let loop = Loop.current else { preconditionFailure("made on a loop") }
        let listener = try Listener.bind(anyPort)
        self.listener = listener
        let accepted = accepted
        // Owned by this object: `stop` ends it.
        task = loop.spawn {
            try await withThrowingDiscardingTaskGroup { group in
                var number = 0
                while true {
                    let peer = RawClient(try await listener.accept())
                    accepted.add()
                    let current = number
                    number += 1
                    let carried = Carried(peer)
                    group.addTask(executorPreference: loop) {
                        try? await script(current, carried.peer)
                        carried.peer.stream.close()
                    }
                }
            }
        }
    }

    func stop() {
        listener.close()
        task.cancel()
    }

    /// Unchecked: the peer stays on the loop that it was made on.
    private struct Carried: @unchecked Sendable {
        let peer: RawClient
        init(_ peer: RawClient) { self.peer = peer }
    }
}

extension HTTPClient {
    /// The error of a request that must fail.
    func failure(
        _ method: String,
        _ url: String,
        timeout: Duration = .seconds(5)
    ) async -> HTTPError? {
        do {
            _ = try await request(method, url: url, timeout: timeout)
            return nil
        } catch {
            return error
        }
    }
}
