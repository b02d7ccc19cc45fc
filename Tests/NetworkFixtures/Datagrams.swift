import CLinux
import Glibc
package import LinuxSystem

/// A UDP socket in some namespace: what is sent and what arrives can be counted exactly.
package final class Datagrams: Sendable {
    package let port: UInt16
    private let descriptor: Int32

    /// Listens on any free port of the address in the namespace.
    package init(in namespace: NetworkNamespace, address: String, port: UInt16 = 0) throws {
        descriptor = try namespace.perform {
            socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        }
        guard descriptor >= 0 else { throw LabError(description: "no socket: errno \(errno)") }
        _ = clinux_option(descriptor, SOL_SOCKET, 33 /* SO_RCVBUFFORCE */, 32 << 20)
        var (place, length) = (sockaddr_storage(), socklen_t())
        _ = unsafe clinux_address(AF_INET, address, port, &place, &length)
        let bound = unsafe clinux_bind(descriptor, &place, length)
        var text = [CChar](repeating: 0, count: 128)
        var chosen: UInt16 = 0
        _ = unsafe clinux_name(descriptor, 0, &text, text.count, &chosen)
        self.port = chosen
        guard bound == 0 else { throw LabError(description: "no address: errno \(-bound)") }
    }

    deinit { close(descriptor) }

    /// Connects to a peer, so that only its datagrams arrive.
    package func connect(to address: String, port: UInt16) throws {
        var (place, length) = (sockaddr_storage(), socklen_t())
        _ = unsafe clinux_address(AF_INET, address, port, &place, &length)
        let status = unsafe clinux_connect(descriptor, &place, length)
        guard status == 0 else { throw LabError(description: "connect: errno \(-status)") }
    }

    /// Sends one datagram; returns 0 or the errno.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Int32 {
        let sent = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT))
        return sent == bytes.count ? 0 : errno
    }

    /// The datagrams that are there now.
    package func received() -> [[UInt8]] {
        var all: [[UInt8]] = []
        while let next = receive(waitingMilliseconds: 0) { all.append(next) }
        return all
    }

    /// The next datagram; `nil` when none comes in time.
    package func receive(waitingMilliseconds limit: Int32) -> [UInt8]? {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&poller, 1, limit) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 2048)
        let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count >= 0 ? Array(buffer[..<count]) : nil
    }
}

extension NetworkLab {
    /// How many of `count` datagrams from one node reach another; nodes count from 1.
    ///
    /// A last datagram cannot tell that all are through where everything is cut, so that this waits
    /// until nothing has come for a while; what is lost is never taken for late on veth pairs.
    package func delivered(
        _ count: Int,
        from source: Int,
        to target: Int,
        port: UInt16 = 0
    ) throws -> Int {
        let receiver = try Datagrams(
            in: nodes[target - 1],
            address: Self.address(target),
            port: port
        )
        let sender = try Datagrams(in: nodes[source - 1], address: Self.address(source))
        try sender.connect(to: Self.address(target), port: receiver.port)
        var arrived = 0
        for index in 0..<count {
            sender.send([UInt8(truncatingIfNeeded: index)])
            arrived += receiver.received().count
        }
        while arrived < count, receiver.receive(waitingMilliseconds: 100) != nil { arrived += 1 }
        return arrived
    }
}
