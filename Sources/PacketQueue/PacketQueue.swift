// PacketQueue — netem in userspace, for kernels without it: packets are held, lost, doubled,
// damaged or let overtake by a process of ours.
//
//     nf_tables rule ──NFQUEUE──▶ QueueSocket ─▶ QueueShell ─▶ PacketFate (pure: when, whether)
//       (leased set, bypass)         ▲              └▶ HeldPackets (pure: who is due)
//                                    └── verdicts, in batches ◀──┘
//
// PacketHold    what the user of this room does: starts the process, steers packets to it, renews
//               the steering's lease, counts, ends both
// QueueProcess  what that process does: `chaos packet-queue`, until its standard input ends
//
// Nothing can be left behind: the rule lets packets pass when nobody reads the queue (bypass), and
// what steers packets to it expires in the kernel. Where the kernel has no `queue` statement, its
// older NFQUEUE target does the same (nft_compat).

/// Why packets could not be held.
package struct PacketQueueError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
