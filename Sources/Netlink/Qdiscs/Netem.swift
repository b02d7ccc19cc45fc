internal import CNetlink

/// The settings of a netem discipline; every one is sent with every change.
///
/// Source: tc-netem(8) and `tc_netem_*` in linux/pkt_sched.h. Correlations are not offered: that of
/// the loss collapses its rate (10 % with 25 % correlation lost 2.1 % in our measurements), and
/// that
/// of the delay does nothing. Use a loss model for bursts.
package struct Netem: Sendable, Hashable {
    /// How much later packets leave, nanoseconds; 0 and above.
    package var delay: Int64 = 0
    /// How far the delay varies, nanoseconds: half the range of `uniform`, else the standard
    /// deviation.
    package var jitter: Int64 = 0
    /// How the delay is spread; without meaning when there is no jitter.
    package var distribution = DelayDistribution.uniform
    package var loss = LossModel.random(0)
    /// The share of packets that are sent twice, 0 to 1.
    package var duplicate = 0.0
    /// The share of packets in which one bit is turned over, 0 to 1.
    package var corrupt = 0.0
    /// The share of packets that are sent at once while the others are delayed, 0 to 1.
    package var reorder = 0.0
    /// Only every n-th packet may be sent at once; 1: each.
    package var reorderGap: UInt32 = 1
    /// Bytes a second; 0: no limit.
    package var rate: UInt64 = 0
    /// Bytes that are counted for each packet beside its own.
    package var packetOverhead: Int32 = 0
    package var slot: Slot?
    /// Packets that may be held at once; what comes then is lost.
    package var limit: UInt32 = 1_000
    /// Decides every draw; `nil` is the kernel's own randomness.
    ///
    /// Kernels before 6.6 ignore it.
    package var seed: UInt64?
    /// A number without any effect that the kernel keeps: it marks the discipline as someone's.
    ///
    /// It is the overhead per cell of a link layer that has no cells.
    package var tag: Int32 = 0

    package init() {}

    /// How packets are lost.
    package enum LossModel: Sendable, Hashable {
        /// Each by itself, with this probability.
        case random(Double)
        /// Gilbert and Elliott: the chance that a bad time begins, that it ends, and the shares
        /// lost in the bad and in the good.
        case gilbertElliott(begins: Double, ends: Double, lostInBad: Double, lostInGood: Double)
        /// The chances of going between the states of tc-netem(8): 1 good, 2 good within a burst, 3
        /// burst of losses, 4 single loss.
        case states(p13: Double, p31: Double, p32: Double, p23: Double, p14: Double)
    }

    /// Packets leave together, in slots.
    package struct Slot: Sendable, Hashable {
        /// The least and the most time from slot to slot, nanoseconds.
        package var shortest: Int64
        package var longest: Int64
        /// The most that leaves in one slot; 0: no limit.
        package var packets: Int32 = 0
        package var bytes: Int32 = 0

        package init(shortest: Int64, longest: Int64) {
            self.shortest = shortest
            self.longest = longest
        }
    }
}

extension Netem {
    /// The kernel's tick of the 32-bit times: 64 ns.
    private static let tick: Int64 = 64
    /// `TCA_NETEM_PRNG_SEED`, which headers before Linux 6.6 lack.
    private static let seedAttribute = 14

    /// Appends the options: a fixed part, and attributes within its length.
    func write(to message: NetlinkMessage) {
        message.nest(TCA_OPTIONS) {
            message.append(fixedPart)
            message.put(Int(TCA_NETEM_CORR), tc_netem_corr())
            message.put(
                Int(TCA_NETEM_REORDER),
                tc_netem_reorder(probability: Self.share(reorder), correlation: 0)
            )
            message.put(
                Int(TCA_NETEM_CORRUPT),
                tc_netem_corrupt(probability: Self.share(corrupt), correlation: 0)
            )
            writeRate(to: message)
            message.put(Int(TCA_NETEM_ECN), UInt32(0))
            message.put(Int(TCA_NETEM_LATENCY64), delay)
            message.put(Int(TCA_NETEM_JITTER64), jitter)
            message.put(Int(TCA_NETEM_SLOT), kernelSlot)
            writeLoss(to: message)
            // Without jitter the kernel does not look at the table.
            if jitter > 0 { message.put(Int(TCA_NETEM_DELAY_DIST), numbers: distribution.table) }
            if let seed { message.put(Self.seedAttribute, seed) }
        }
    }

    private var fixedPart: tc_netem_qopt {
        var randomLoss = 0.0
        if case .random(let share) = loss { randomLoss = share }
        return tc_netem_qopt(
            latency: UInt32(clamping: delay / Self.tick),
            limit: limit,
            loss: Self.share(randomLoss),
            gap: reorder > 0 ? max(1, reorderGap) : 0,
            duplicate: Self.share(duplicate),
            jitter: UInt32(clamping: jitter / Self.tick)
        )
    }

    private var kernelSlot: tc_netem_slot {
        var result = tc_netem_slot()
        guard let slot else { return result }
        result.min_delay = slot.shortest
        result.max_delay = slot.longest
        result.max_packets = slot.packets
        result.max_bytes = slot.bytes
        return result
    }

    private func writeRate(to message: NetlinkMessage) {
        var kernelRate = tc_netem_rate()
        kernelRate.rate = UInt32(clamping: rate)
        kernelRate.packet_overhead = packetOverhead
        kernelRate.cell_overhead = tag
        message.put(Int(TCA_NETEM_RATE), kernelRate)
        if rate > UInt64(UInt32.max) { message.put(Int(TCA_NETEM_RATE64), rate) }
    }

    /// A change without a loss model makes the kernel go back to random losses.
    private func writeLoss(to message: NetlinkMessage) {
        switch loss {
        case .random: return
        case .gilbertElliott(let begins, let ends, let lostInBad, let lostInGood):
            // The kernel's `h` is the chance of *delivery* in the bad time.
            let model = tc_netem_gemodel(
                p: Self.share(begins),
                r: Self.share(ends),
                h: Self.share(1 - lostInBad),
                k1: Self.share(lostInGood)
            )
            message.nest(Int(TCA_NETEM_LOSS)) { message.put(Int(NETEM_LOSS_GE), model) }
        case .states(let p13, let p31, let p32, let p23, let p14):
            let model = tc_netem_gimodel(
                p13: Self.share(p13),
                p31: Self.share(p31),
                p32: Self.share(p32),
                p14: Self.share(p14),
                p23: Self.share(p23)
            )
            message.nest(Int(TCA_NETEM_LOSS)) { message.put(Int(NETEM_LOSS_GI), model) }
        }
    }

    /// A share of 1 as the kernel counts it: 2³² − 1.
    private static func share(_ value: Double) -> UInt32 {
        UInt32(min(max(0, value), 1) * Double(UInt32.max))
    }
}

extension Netem {
    /// The tag of a netem discipline, from its options as the kernel tells them; `nil` when it is
    /// none of that form.
    package static func tag(in qdisc: Qdisc) -> Int32? {
        guard qdisc.kind == "netem" else { return nil }
        let fixed = MemoryLayout<tc_netem_qopt>.size
        guard qdisc.options.count >= fixed else { return nil }
        let rate = Attributes(qdisc.options.dropFirst(fixed))[Int(TCA_NETEM_RATE)]
        guard rate?.number(UInt32.self, at: 8) == 0 else { return nil }
        return rate?.number(Int32.self, at: 12)
    }
}
