import EventLoop
import Glibc

/// Reads a queue, holds packets, and gives verdicts when they are due; on a loop.
final class QueueShell: ReadinessHandler {
    /// What has happened so far.
    struct Counts: Sendable, Hashable {
        var seen = 0
        var lost = 0
        var doubled = 0
        var damaged = 0
        var overtook = 0
        /// How often the kernel had no room for a packet on its way to us.
        var overruns = 0
    }

    private let queue: QueueSocket
    private let doubler: PacketDoubler?
    private let loop: Loop
    private var fate: PacketFate
    private var held = HeldPackets()
    private var timer: TimerToken?
    private var timerDue = Int64.max
    private(set) var counts = Counts()

    /// How many receives are made before due packets are looked at.
    private static let receivesMax = 64

    init(_ queue: QueueSocket, _ impairment: Impairment, doubler: PacketDoubler?, loop: Loop) {
        self.queue = queue
        self.doubler = doubler
        self.loop = loop
        fate = PacketFate(impairment)
    }

    func ready(_ readiness: Readiness) {
        while true {
            for _ in 0..<Self.receivesMax {
                let now = Loop.monotonicNanoseconds()
                let result = queue.receive { take($0, now) }
                if result == -ENOBUFS {
                    counts.overruns += 1
                } else if result <= 0 {
                    releaseDue()
                    return
                }
            }
            releaseDue()
        }
    }

    private func take(_ packet: QueueSocket.Packet, _ now: Int64) {
        counts.seen += 1
        let decision = fate.next()
        guard !decision.isLost, held.count < fate.impairment.limit else {
            counts.lost += 1
            queue.judge(packet.id, .drop)
            return
        }
        var waiting = HeldPackets.Packet(due: now + decision.hold, id: packet.id)
        if let damage = decision.damage, let damaged = Self.damaged(packet.payload, damage) {
            counts.damaged += 1
            waiting.replacement = damaged
        }
        if decision.overtakes { counts.overtook += 1 }
        if decision.isDoubled, PacketDoubler.canDouble(packet.payload) {
            counts.doubled += 1
            waiting.double = packet.payload
        }
        held.hold(waiting)
    }

    /// Gives verdicts on what is due, and waits for the next.
    private func releaseDue() {
        let now = Loop.monotonicNanoseconds()
        var last: UInt32?
        while let packet = held.release(at: now) {
            if release(packet) { last = packet.id }
        }
        if let last { queue.acceptAll(upTo: last) }
        queue.flush()
        arm()
    }

    /// Lets one packet go on; returns whether a verdict on all up to it will do that.
    private func release(_ packet: HeldPackets.Packet) -> Bool {
        if let double = packet.double { doubler?.send(double) }
        guard fate.impairment.isOrdered, packet.replacement == nil else {
            queue.judge(packet.id, .accept, replacement: packet.replacement)
            return false
        }
        return true
    }

    private func arm() {
        let due = held.nextDue ?? .max
        guard due != timerDue else { return }
        if let timer { loop.cancel(timer) }
        timer = nil
        timerDue = due
        guard due < .max else { return }
        timer = loop.after(.nanoseconds(due - Loop.monotonicNanoseconds())) { [weak self] in
            self?.timer = nil
            self?.timerDue = .max
            self?.releaseDue()
        }
    }

    /// Lets everything go on at once: the end of the fault.
    func releaseAll() {
        // What was on its way to us is held by now too.
        ready(.readable)
        if let timer { loop.cancel(timer) }
        timer = nil
        while let packet = held.removeFirst() {
            if release(packet) { queue.judge(packet.id, .accept) }
        }
        queue.flush()
    }

    /// The packet with one bit behind its IP header turned over; `nil` when there is none.
    private static func damaged(_ packet: [UInt8], _ choice: UInt64) -> [UInt8]? {
        guard let version = packet.first.map({ $0 >> 4 }) else { return nil }
        let header = version == 6 ? 40 : Int(packet[0] & 15) * 4
        guard packet.count > header else { return nil }
        let bit = Int(choice % UInt64((packet.count - header) * 8))
        var damaged = packet
        damaged[header + bit / 8] ^= 1 << (bit % 8)
        return damaged
    }
}
