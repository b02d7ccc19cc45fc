import CLinux
import EventLoop
import Glibc
import LinuxSystem

/// A socket to the netfilter of one network namespace; used by one thread at a time.
final class NetfilterSocket {
    let descriptor: Int32
    private(set) var buffer = [UInt8](repeating: 0, count: NetfilterSocket.messageMax)

    /// Room for a whole packet with its attributes.
    static let messageMax = 1 << 17
    /// What the kernel may hold for us, bytes.
    private static let receiveBuffer: Int32 = 64 << 20
    /// How long an answer may take, milliseconds.
    private static let answerTimeout: Int32 = 5_000
    /// NLMSG_ERROR, which is also what an acknowledgement is.
    private static let errorKind: UInt16 = 2

    /// - Throws: `SystemError`.
    init(in namespace: NetworkNamespace) throws {
        descriptor = try namespace.perform {
            try SystemError.check(
                clinux_netfilter_socket(Self.receiveBuffer),
                call: "opening a netfilter socket in",
                object: namespace.description
            )
        }
    }

    deinit { close(descriptor) }

    /// Sends messages as one and waits for as many acknowledgements as were asked for.
    ///
    /// - Throws: `SystemError` with the errno of the first refusal.
    func request(_ messages: [NetfilterMessage], acknowledgements: Int, _ deed: String) throws {
        func failure(_ code: Int32) -> SystemError {
            SystemError(call: deed, object: "netfilter", code: code)
        }
        let sent = send(messages.flatMap(\.bytes))
        guard sent >= 0 else { throw failure(-sent) }
        var left = acknowledgements
        while left > 0 {
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&poller, 1, Self.answerTimeout) > 0 else { throw failure(ETIMEDOUT) }
            var refusal: Int32 = 0
            let result = receive { kind, range, bytes in
                guard kind == Self.errorKind, range.count >= 4 else { return }
                left -= 1
                let code = Int32(bitPattern: bytes.little32(at: range.lowerBound))
                if refusal == 0 { refusal = -code }
            }
            guard result >= 0 else { throw failure(-result) }
            guard refusal == 0 else { throw failure(refusal) }
        }
    }

    /// Sends bytes; 0 or −errno.
    func send(_ bytes: [UInt8]) -> Int32 {
        let sent = unsafe clinux_send(descriptor, bytes, bytes.count)
        return sent < 0 ? Int32(sent) : 0
    }

    /// Reads what one receive brings, message by message, without waiting.
    ///
    /// The body gets each message's kind, where its content lies behind the header of netlink, and
    /// the bytes. Returns how many bytes came, or −errno.
    func receive(_ body: (UInt16, Range<Int>, borrowing [UInt8]) -> Void) -> Int32 {
        let count = unsafe clinux_receive(descriptor, &buffer, buffer.count)
        guard count > 0 else { return Int32(count) }
        var start = 0
        while start + 16 <= count {
            let length = Int(buffer.little32(at: start))
            guard length >= 16, start + length <= count else { break }
            let kind = UInt16(buffer[start + 4]) | UInt16(buffer[start + 5]) << 8
            body(kind, (start + 16)..<(start + length), buffer)
            start += (length + 3) & ~3
        }
        return Int32(count)
    }
}

extension [UInt8] {
    func little32(at index: Int) -> UInt32 {
        UInt32(self[index]) | UInt32(self[index + 1]) << 8 | UInt32(self[index + 2]) << 16
            | UInt32(self[index + 3]) << 24
    }

    func network32(at index: Int) -> UInt32 {
        UInt32(self[index]) << 24 | UInt32(self[index + 1]) << 16 | UInt32(self[index + 2]) << 8
            | UInt32(self[index + 3])
    }
}
