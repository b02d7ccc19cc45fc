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

    /// Sends a packet; one that cannot be sent now is not doubled.
    func send(_ packet: [UInt8]) {
        guard packet.count >= 20, packet[0] >> 4 == 4 else { return }
        unsafe clinux_send_raw_ip(descriptor, packet, packet.count)
    }
}
