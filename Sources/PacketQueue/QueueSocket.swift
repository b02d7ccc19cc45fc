import EventLoop
import LinuxSystem

/// One packet queue of the kernel: packets come out, verdicts go in.
///
/// C counterpart: `nfq_create_queue`, `nfq_set_verdict`, `nfq_set_verdict_batch`.
final class QueueSocket {
    /// A packet that waits for its verdict.
    struct Packet {
        var id: UInt32
        /// Its bytes from the IP header on; empty when they were not asked for.
        var payload: [UInt8]
    }

    enum Verdict: UInt32 { case drop = 0, accept = 1 }

    /// Attributes and commands of linux/netfilter/nfnetlink_queue.h.
    private enum Word {
        static let configurationCommand: UInt16 = 1
        static let configurationParameters: UInt16 = 2
        static let configurationLength: UInt16 = 3
        static let configurationMask: UInt16 = 4
        static let configurationFlags: UInt16 = 5
        static let bind: UInt8 = 1
        static let copyHead: UInt8 = 1
        static let copyPacket: UInt8 = 2
        static let failOpen: UInt32 = 1
        static let segmentsTogether: UInt32 = 4
        static let packetHead: UInt16 = 1
        static let verdictHead: UInt16 = 2
        static let payload: UInt16 = 10
    }

    /// How many packets may wait; what comes beyond passes undisturbed.
    static let lengthMax: UInt32 = 200_000
    /// How many numbers are tried before there is no free queue.
    private static let triesMax: UInt16 = 64

    let number: UInt16
    private let socket: NetfilterSocket
    private var verdicts: [UInt8] = []

    var descriptor: Int32 { socket.descriptor }

    /// Takes a free queue of the namespace, the first from `first` on.
    ///
    /// - Throws: `SystemError`, `PacketQueueError` when all that were tried are in use.
    init(in namespace: NetworkNamespace, first: UInt16, copiesPackets: Bool) throws {
        socket = try NetfilterSocket(in: namespace)
        for offset in 0..<Self.triesMax {
            let number = first &+ offset
            guard try Self.bind(socket, number) else { continue }
            self.number = number
            try Self.configure(socket, number, copiesPackets)
            return
        }
        throw PacketQueueError(
            "no packet queue is free — \(namespace), \(first) and the next \(Self.triesMax). End"
                + " what reads them: /proc/net/netfilter/nfnetlink_queue."
        )
    }

    private static func bind(_ socket: NetfilterSocket, _ number: UInt16) throws -> Bool {
        var message = configuration(number)
        message.put(Word.configurationCommand, [Word.bind, 0, 0, 0])
        do {
            try socket.request([message], acknowledgements: 1, "binding packet queue \(number) of")
            return true
        } catch let error as SystemError where error.name == "EBUSY" {
            return false
        }
    }

    private static func configure(
        _ socket: NetfilterSocket,
        _ number: UInt16,
        _ copiesPackets: Bool
    ) throws {
        var mode = configuration(number)
        let range = UInt32(copiesPackets ? 0xffff : 0).networkBytes
        let copy = copiesPackets ? Word.copyPacket : Word.copyHead
        mode.put(Word.configurationParameters, range + [copy])
        var length = configuration(number)
        length.put(Word.configurationLength, number: lengthMax)
        var flags = configuration(number)
        // A packet that is changed must be a whole one with its own checksum.
        let wanted = Word.failOpen | (copiesPackets ? 0 : Word.segmentsTogether)
        flags.put(Word.configurationFlags, number: wanted)
        flags.put(Word.configurationMask, number: Word.failOpen | Word.segmentsTogether)
        try socket.request(
            [mode, length, flags],
            acknowledgements: 3,
            "configuring packet queue \(number) of"
        )
    }

    private static func configuration(_ number: UInt16) -> NetfilterMessage {
        NetfilterMessage(
            .queueConfiguration,
            resource: number,
            flags: NetfilterMessage.acknowledge
        )
    }

    /// Reads what is there, packet by packet; returns 0 when nothing is left, or −errno.
    func receive(_ body: (Packet) -> Void) -> Int32 {
        socket.receive { kind, range, bytes in
            guard kind == NetfilterMessage.Kind.packet.rawValue else { return }
            var id: UInt32?
            var payload: [UInt8] = []
            // Behind `struct nfgenmsg`.
            NetfilterAttributes.each(bytes, in: (range.lowerBound + 4)..<range.upperBound) {
                type,
                value in
                switch type {
                case Word.packetHead where value.count >= 4:
                    id = bytes.network32(at: value.lowerBound)
                case Word.payload: payload = Array(bytes[value])
                default: break
                }
            }
            if let id { body(Packet(id: id, payload: payload)) }
        }
    }

    /// Notes a verdict on one packet; `flush` sends it.
    func judge(_ id: UInt32, _ verdict: Verdict, replacement: [UInt8]? = nil) {
        var message = NetfilterMessage(.verdict, resource: number)
        message.put(Word.verdictHead, verdict.rawValue.networkBytes + id.networkBytes)
        if let replacement { message.put(Word.payload, replacement) }
        note(message)
    }

    /// Notes that every packet up to this one goes on.
    func acceptAll(upTo id: UInt32) {
        var message = NetfilterMessage(.batchVerdict, resource: number)
        message.put(Word.verdictHead, Verdict.accept.rawValue.networkBytes + id.networkBytes)
        note(message)
    }

    /// Sends what was noted.
    func flush() {
        guard !verdicts.isEmpty else { return }
        // A verdict on a packet that is gone (its interface went away) is refused; that is fine.
        _ = socket.send(verdicts)
        verdicts.removeAll(keepingCapacity: true)
    }

    /// How many bytes of verdicts are gathered before they are sent.
    private static let verdictsMax = 32_768

    private func note(_ message: NetfilterMessage) {
        verdicts += message.bytes
        if verdicts.count >= Self.verdictsMax { flush() }
    }
}
