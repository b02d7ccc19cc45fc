import CLinux
import EventLoop
import Glibc
import JSON
import LinuxSystem

/// The server's end of its stand-in: starts it, and keeps it told of what it shall hold.
///
/// Confined to the control loop.
final class StandInLink: ReadinessHandler {
    /// A stand-in that dies is started again so often.
    static let startsMax = 4
    /// What may wait for a stand-in that is just starting, bytes.
    private static let sendBufferBytes: Int32 = 1 << 20

    private let settings: StandInSettings
    private let loop: Loop
    /// Is called when the stand-in died: what it held must be told to another.
    private let lost: () -> Void
    private var socket: MessageSocket?
    private var child: ChildProcess?
    private var starts = 0

    init(settings: StandInSettings, loop: Loop, lost: @escaping () -> Void) {
        self.settings = settings
        self.loop = loop
        self.lost = lost
    }

    /// Has the stand-in hold a copy of a proxy's listener.
    ///
    /// `object`: the proxy as the API shows it. Throws `ControlError` 500 when there is no
    /// stand-in.
    func hold(
        _ number: Int,
        _ object: JSONObject,
        listener: Int32
    ) throws(ControlError) {
        do {
            let message: JSONObject = [
                "hold": .integer(Int64(number)), "proxy": .object(object),
            ]
            try running().send(.object(message), descriptor: listener)
        } catch {
            throw .socket("on_death passthrough: no stand-in: \(error)")
        }
    }

    /// Has it let go of a listener.
    func drop(_ number: Int) {
        try? socket?.send(.object(["drop": .integer(Int64(number))]))
    }

    /// Ends the stand-in: the server stops as it should.
    func end() {
        try? socket?.send(.object(["end": .bool(true)]))
        close()
    }

    /// Nothing is ever said by a stand-in: what comes is its end.
    func ready(_ readiness: Readiness) {
        guard case .ended? = socket?.receive() else { return }
        close()
        lost()
    }

    private func running() throws -> MessageSocket {
        if let socket { return socket }
        guard starts < StandInLink.startsMax else {
            throw ProxyServerError("it ended \(starts) times.")
        }
        starts += 1
        let (ours, theirs) = try MessageSocket.pair()
        defer { theirs.close() }
        _ = clinux_option(ours.descriptor, SOL_SOCKET, SO_SNDBUF, StandInLink.sendBufferBytes)
        var request = SpawnRequest(
            executable: settings.executable,
            arguments: ["proxy", "stand-in", "--directory", settings.directory]
        )
        request.stdin = .descriptor(theirs.descriptor)
        // A pipe of ours that it held would keep the reader of our output waiting.
        request.stdout = .null
        request.stderr = .null
        request.newSession = true
        do {
            child = try ChildProcess.spawn(request)
            try loop.watch(ours.descriptor, self)
        } catch {
            ours.close()
            throw error
        }
        socket = ours
        return ours
    }

    private func close() {
        guard let socket else { return }
        loop.unwatch(socket.descriptor)
        socket.close()
        self.socket = nil
    }
}
