import CLinux
import EventLoop
import Glibc
import LinuxSystem

/// Sends packets a second time, as they are (raw(7)); IPv4.
final class PacketDoubler {
    private let descriptor: Int32

    /// - Throws: `SystemError`.
    init(in namespace: NetworkNamespace) throws {
        descriptor = try namespace.perform {
            try SystemError.check(
                clinux_raw_ip_socket(),
                call: "opening a raw socket in",
                object: namespace.description
            )
        }
    }

    deinit { close(descriptor) }

    /// Whether the kernel takes a packet as it is: it does so for IPv4 alone.
    static func canDouble(_ packet: [UInt8]) -> Bool {
        packet.count >= 20 && packet[0] >> 4 == 4
    }

    /// Sends a packet that can be doubled; one that cannot be sent now is not.
    func send(_ packet: [UInt8]) {
        unsafe clinux_send_raw_ip(descriptor, packet, packet.count)
    }
}
