package import EventLoop
import Glibc
import JSON
import LinuxSystem

/// `chaos proxy stand-in`: holds the listeners of a server, and serves them when it is dead.
package final class StandInProcess {
    private struct Held {
        var proxy: JSONValue
        var listener: Int32
    }

    private let server: MessageSocket
    private let loop: Loop
    private let doorPath: String
    private var held: [Int64: Held] = [:]

    /// - Parameters:
    ///   - socket: The end of the server's pair; closed in the end.
    ///   - directory: Where its door will be.
    ///   - loop: On which it runs.
    package init(socket: Int32, directory: String, loop: Loop) {
        server = MessageSocket(descriptor: socket)
        self.loop = loop
        doorPath = "\(directory)/\(getpid()).socket"
    }

    /// Holds until the server ends; then ends as well, or stands in until it is told to end or has
    /// nothing left; on its loop.
    ///
    /// Throws `SystemError`, `ProxyServerError`.
    package func run() async throws {
        let ended = AsyncStream<Void>.makeStream()
        let signals = try SignalSource.on([SIGINT, SIGTERM, SIGHUP])
        try loop.attach(server.descriptor)
        // Owned by this function: cancelled below.
        let signal = loop.spawn { [loop, server] in
            for await _ in signals {
                ended.continuation.yield()
                // Whoever waits for the server resumes.
                return loop.detach(server.descriptor)
            }
        }
        defer { signal.cancel() }
        let isNeeded = try await holdUntilTheEnd()
        loop.detach(server.descriptor)
        server.close()
        guard isNeeded else { return }
        try await serve(until: ended.stream) { ended.continuation.yield() }
    }

    /// Returns whether the server is dead and has left something to serve.
    private func holdUntilTheEnd() async throws -> Bool {
        while true {
            switch server.receive() {
            case .nothing:
                do {
                    try await loop.readable(server.descriptor)
                } catch let error as SystemError where error.code == EBADF {
                    return false
                }
            case .ended: return !held.isEmpty
            case .message(let message, let descriptor):
                if message["end"] != nil { return false }
                if let number = message["drop"]?.integerValue { letGo(number) }
                guard let descriptor else { continue }
                guard let number = message["hold"]?.integerValue, let proxy = message["proxy"]
                else {
                    Sockets.close(descriptor)
                    continue
                }
                letGo(number)
                held[number] = Held(proxy: proxy, listener: descriptor)
            }
        }
    }

    private func letGo(_ number: Int64) {
        if let former = held.removeValue(forKey: number) { Sockets.close(former.listener) }
    }

    // MARK: standing in

    private func serve(
        until ended: AsyncStream<Void>,
        finished: @escaping @Sendable () -> Void
    ) async throws {
        _ = HostFacts.raiseOpenFileLimit()
        let data = try DataPlane(dialTimeout: ProxyServerOptions().dialTimeout)
        let control = ProxyControl(loop: loop, data: data, seed: 0)
        for (_, one) in held.sorted(by: { $0.key < $1.key }) {
            // A queue that a toxic kept full begins to move again.
            Sockets.setBacklog(one.listener, Sockets.backlog)
            // One that cannot be served must not keep the others from it.
            try? await control.adopt(one.proxy, listener: one.listener)
        }
        let door = try DoorKeeper(path: doorPath, control: control, loop: loop, finished: finished)
        for await _ in ended { break }
        door.close()
        await control.shutdown()
    }
}
