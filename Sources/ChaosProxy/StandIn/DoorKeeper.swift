import EventLoop
import Glibc
import JSON
import LinuxSystem

/// The door of a stand-in from inside: tells what it serves, and gives listeners away.
///
/// Confined to the loop of the stand-in.
// Unchecked: its tasks prefer that loop.
final class DoorKeeper: @unchecked Sendable {
    /// How long a caller may take to ask.
    private static let patience = Duration.seconds(2)
    /// How often it is looked whether anything is left to serve once a listener was given away.
    private static let lookPeriod = Duration.milliseconds(100)

    private let path: String
    private let control: ProxyControl
    private let loop: Loop
    private let finished: @Sendable () -> Void
    private let listener: MessageSocket
    private let openedAt = Loop.wallMicroseconds()
    private var isClosed = false

    /// Opens the door.
    ///
    /// `finished`: is called when the stand-in has nothing left to do, or was told to end. Throws
    /// `SystemError`.
    init(
        path: String,
        control: ProxyControl,
        loop: Loop,
        finished: @escaping @Sendable () -> Void
    ) throws {
        (self.path, self.control, self.loop, self.finished) = (path, control, loop, finished)
        try SystemFiles.createDirectory(
            SystemFiles.parent(of: path),
            mode: 0o700,
            parents: true
        )
        listener = try Sockets.listenForMessages(at: path)
        try loop.attach(listener.descriptor)
        // Owned by this door: closing it ends the task.
        loop.spawn { await self.keep() }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.detach(listener.descriptor)
        listener.close()
        unsafe unlink(path)
    }

    private func keep() async {
        while !isClosed {
            guard case .accepted(let caller) = Sockets.accept(listener.descriptor) else {
                do { try await loop.readable(listener.descriptor) } catch { return }
                continue
            }
            await serve(MessageSocket(descriptor: caller))
        }
    }

    /// One caller, one question.
    private func serve(_ caller: MessageSocket) async {
        defer { caller.close() }
        guard (try? loop.attach(caller.descriptor)) != nil else { return }
        defer { loop.detach(caller.descriptor) }
        let question = try? await withDeadline(DoorKeeper.patience) { [loop] in
            while true {
                switch caller.receive() {
                case .message(let value, let carried):
                    if let carried { Sockets.close(carried) }
                    return value
                case .ended: return .null
                case .nothing: try await loop.readable(caller.descriptor)
                }
            }
        }
        if let address = question?["take"]?.stringValue {
            await give(address, to: caller)
        } else if question?["end"] != nil {
            try? caller.send(.object(["ended": .bool(true)]))
            finished()
        } else {
            try? caller.send(await description())
        }
    }

    private func give(_ address: String, to caller: MessageSocket) async {
        guard let descriptor = await control.giveListener(of: address) else {
            try? caller.send(.object(["taken": .bool(false)]))
            return
        }
        defer { Sockets.close(descriptor) }
        try? caller.send(.object(["taken": .bool(true)]), descriptor: descriptor)
        // Owned by this door: it ends with the stand-in.
        loop.spawn { await self.finishWhenIdle() }
    }

    private func finishWhenIdle() async {
        while !isClosed, await !control.isIdle() {
            do { try await loop.sleep(for: DoorKeeper.lookPeriod) } catch { return }
        }
        finished()
    }

    private func description() async -> JSONValue {
        var proxies: [JSONValue] = []
        for (proxy, traffic) in await control.traffic() {
            proxies.append(
                .object([
                    "name": .string(proxy.name), "listen": .string(proxy.listen),
                    "upstream": .string(proxy.upstream), "listens": .bool(proxy.isEnabled),
                    "connections": .integer(Int64(traffic.open)),
                ])
            )
        }
        return .object([
            "pid": .integer(Int64(getpid())), "since_us": .integer(openedAt),
            "proxies": .array(proxies),
        ])
    }
}
