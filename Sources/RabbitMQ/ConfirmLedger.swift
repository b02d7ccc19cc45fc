/// Which published messages the server has confirmed, by their numbers on a channel; a value.
struct ConfirmLedger: Equatable {
    /// The number of the last message that was published; the first is 1.
    private(set) var published: UInt64 = 0
    /// All messages up to this one are settled.
    private var settled: UInt64 = 0
    /// Settled messages above it.
    private var early: Set<UInt64> = []
    /// How many the server refused.
    private(set) var refused: UInt64 = 0

    /// Whether the server has answered for everything.
    var isSettled: Bool { settled == published }

    mutating func publish() { published += 1 }

    /// The server's word for one message, or for all up to it; what is not outstanding is ignored.
    mutating func settle(_ tag: UInt64, isMultiple: Bool, isRefused: Bool) {
        guard tag > settled, tag <= published else { return }
        if isMultiple {
            if isRefused { refused += tag - settled - UInt64(early.count { $0 <= tag }) }
            settled = tag
            early = early.filter { $0 > tag }
        } else if early.insert(tag).inserted, isRefused {
            refused += 1
        }
        while early.remove(settled + 1) != nil { settled += 1 }
    }
}
