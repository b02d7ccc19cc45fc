import Glibc
import LinuxSystem

@testable import FaultNetem

/// Datagrams from the west to the east, each with its number and the time at which it left.
///
/// Sender and receiver are one thread with one clock, so that the delay of one way is measured.
final class Probe {
    private let sender: Int32
    private let receiver: Int32

    /// What arrived.
    struct Measured {
        var sent = 0
        /// The number and the delay, milliseconds, of each datagram, as they came; copies left out.
        var arrived: [(number: Int, delay: Double, at: Double)] = []
        var copies = 0
        /// Datagrams whose content is not what was sent.
        var damaged = 0

        var delays: [Double] { arrived.map(\.delay) }
        var lost: Int { sent - arrived.count }
        /// Which were lost, by number.
        var isLost: [Bool] {
            var flags = [Bool](repeating: true, count: sent)
            for datagram in arrived { flags[datagram.number] = false }
            return flags
        }
    }

    private static let optionNoChecksum: Int32 = 11
    private static let optionReceiveBufferForced: Int32 = 33

    init(
        rig: NetemRig,
        port: UInt16 = 7000,
        from source: OpenNamespace? = nil,
        to address: String = NetemRig.eastAddress
    ) throws {
        let isBack = source.map { $0.identity == rig.east.identity } ?? false
        let (start, end) = isBack ? (rig.east, rig.west) : (rig.west, rig.east)
        sender = try start.run { try Self.datagramSocket() }
        receiver = try end.run { try Self.datagramSocket() }
        var (on, size) = (Int32(1), Int32(16 << 20))
        unsafe setsockopt(sender, SOL_SOCKET, Self.optionNoChecksum, &on, 4)
        unsafe setsockopt(receiver, SOL_SOCKET, Self.optionReceiveBufferForced, &size, 4)
        let bound = try unsafe Self.withAddress("0.0.0.0", port) { [receiver] in
            unsafe bind(receiver, $0, $1)
        }
        let connected = try unsafe Self.withAddress(address, port) { [sender] in
            unsafe connect(sender, $0, $1)
        }
        guard bound == 0, connected == 0 else { throw NetemError("no probe: errno \(errno)") }
    }

    deinit {
        close(sender)
        close(receiver)
    }

    private static func datagramSocket() throws -> Int32 {
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw NetemError("no socket: errno \(errno)") }
        return descriptor
    }

    private static func withAddress(
        _ text: String,
        _ port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        guard unsafe inet_pton(AF_INET, text, &place.sin_addr) == 1 else {
            throw NetemError("\(text) is no address")
        }
        return unsafe withUnsafePointer(to: &place) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe body(address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// What came in, untouched: looked at only when everything is over, so that looking delays
    /// nothing.
    private struct Inbox {
        var bytes: [UInt8]
        var sizes: [Int] = []
        var times: [Double] = []
        let width: Int

        init(capacity: Int, width: Int) {
            bytes = [UInt8](repeating: 0, count: capacity * width)
            self.width = width
            sizes.reserveCapacity(capacity)
            times.reserveCapacity(capacity)
        }

        var isFull: Bool { (sizes.count + 1) * width > bytes.count }
    }

    /// Sends datagrams at even times and receives until nothing has come for a while.
    func measure(
        count: Int,
        every interval: Double = 1,
        bytes: Int = 64,
        quiet: Double = 500
    ) throws -> Measured {
        let size = max(16, bytes)
        var payload = [UInt8](repeating: 0x5a, count: size)
        var inbox = Inbox(capacity: 2 * count + 16, width: size)
        var sent = 0
        let start = Self.now()
        var last = start
        while true {
            let now = Self.now()
            let due = start + Double(sent) * interval
            if sent < count, now >= due {
                send(UInt64(sent), &payload)
                sent += 1
                last = now
            } else if take(into: &inbox) {
                last = now
            } else {
                let next = sent < count ? due : last + quiet
                guard now < next else { break }
                wait(next - now)
            }
        }
        return Self.examine(inbox, payload, sent)
    }

    private func send(_ number: UInt64, _ payload: inout [UInt8]) {
        unsafe payload.withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(of: number, as: UInt64.self)
            unsafe bytes.storeBytes(of: Self.now(), toByteOffset: 8, as: Double.self)
            _ = unsafe Glibc.send(sender, bytes.baseAddress, bytes.count, 0)
        }
    }

    private func take(into inbox: inout Inbox) -> Bool {
        guard !inbox.isFull else { return false }
        let (offset, width) = (inbox.sizes.count * inbox.width, inbox.width)
        let count = unsafe inbox.bytes.withUnsafeMutableBytes { bytes in
            unsafe recv(
                receiver,
                bytes.baseAddress.map { unsafe $0 + offset },
                width,
                Int32(MSG_DONTWAIT)
            )
        }
        guard count >= 0 else { return false }
        inbox.times.append(Self.now())
        inbox.sizes.append(count)
        return true
    }

    private func wait(_ milliseconds: Double) {
        var limit = timespec()
        limit.tv_sec = Int(milliseconds / 1_000)
        limit.tv_nsec = Int(milliseconds.truncatingRemainder(dividingBy: 1_000) * 1e6)
        var readable = fd_set()
        unsafe withUnsafeMutableBytes(of: &readable) { bytes in
            unsafe bytes[Int(receiver) / 8] |= UInt8(1 << (receiver % 8))
        }
        _ = unsafe pselect(receiver + 1, &readable, nil, nil, &limit, nil)
    }

    private static func examine(_ inbox: Inbox, _ payload: [UInt8], _ sent: Int) -> Measured {
        var measured = Measured()
        measured.sent = sent
        var isThere = [Bool](repeating: false, count: sent)
        unsafe inbox.bytes.withUnsafeBytes { bytes in
            for index in inbox.sizes.indices {
                let offset = index * inbox.width
                let number = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let time = unsafe bytes.loadUnaligned(fromByteOffset: offset + 8, as: Double.self)
                let delay = inbox.times[index] - time
                let rest = payload.count - 16
                let isSame = unsafe bytes[(offset + 16)..<(offset + 16 + rest)].allSatisfy {
                    $0 == 0x5a
                }
                // One bit is wrong: the content, or a number or time that cannot be.
                guard inbox.sizes[index] == payload.count, isSame, number < UInt64(sent),
                    delay >= 0, delay < 1e6
                else {
                    measured.damaged += 1
                    continue
                }
                guard !isThere[Int(number)] else {
                    measured.copies += 1
                    continue
                }
                isThere[Int(number)] = true
                measured.arrived.append((Int(number), delay, inbox.times[index]))
            }
        }
        return measured
    }

    /// Milliseconds of the monotonic clock.
    static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
}
