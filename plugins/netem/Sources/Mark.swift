import ChaosPluginAPI
import LinuxSystem

/// What makes a discipline or an interface ours, and of which fault: the process that made it and a
/// number of the fault's own.
///
/// A netem discipline keeps it in its handle (`c5NN:`) and in a field without effect, an ifb in its
/// name (`chaos` and ten digits).
struct Mark: Sendable, Hashable {
    /// 22 bits of pid, 5 of the process's start time, 5 of the number.
    let tag: Int32
    /// 8 bits of the number.
    let number: UInt8

    /// The process and a fault of it.
    init(pid: Int32, startTime: UInt64, fault: UInt64) {
        let bits =
            UInt32(bitPattern: pid) << 10 | UInt32(startTime & 0x1f) << 5
            | UInt32((fault >> 8) & 0x1f)
        tag = Int32(bitPattern: bits)
        number = UInt8(truncatingIfNeeded: fault)
    }

    init(tag: Int32, number: UInt8) {
        self.tag = tag
        self.number = number
    }

    /// The mark of nobody.
    static let none = Mark(tag: 0, number: 0)

    /// A mark for a new fault of this process.
    static func new() -> Mark {
        let pid = ProcessIdentity.current
        return Mark(
            pid: pid,
            startTime: ProcessIdentity.startTime(pid) ?? 0,
            fault: UInt64.random(in: 0 ... .max)
        )
    }

    /// Ten hexadecimal digits.
    var text: String {
        let digits = String(UInt64(UInt32(bitPattern: tag)) << 8 | UInt64(number), radix: 16)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
    }

    /// Reads what `text` writes.
    init?(text: some StringProtocol) {
        guard text.count == 10, let bits = UInt64(text, radix: 16) else { return nil }
        tag = Int32(bitPattern: UInt32(truncatingIfNeeded: bits >> 8))
        number = UInt8(truncatingIfNeeded: bits)
    }

    var pid: Int32 { Int32(bitPattern: UInt32(bitPattern: tag) >> 10) }

    /// Whether the process that made it still runs.
    var isOwnerAlive: Bool {
        guard let start = ProcessIdentity.startTime(pid) else { return false }
        return UInt32(start & 0x1f) == (UInt32(bitPattern: tag) >> 5) & 0x1f
            && ProcessIdentity.isAlive(pid, startTime: start)
    }

    /// The ifb interface of the fault: 15 characters, as many as a name may have.
    var interfaceName: String { Self.interfacePrefix + text }

    /// The number of the block of filters that makes an ingress hook ours.
    var block: UInt32 { UInt32(bitPattern: tag) }

    static let interfacePrefix = "chaos"
}
