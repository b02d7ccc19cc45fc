/// Which partitions a member keeps, takes and gives up, so that all come to equal shares; a value.
///
/// Every member plans for itself under the group's lock: the first members by name have one
/// partition more when the number does not divide. A partition moves only when its holder gives it
/// up or its lease is over, so the shares are even after each member has planned twice.
struct LeasePlan: Sendable, Equatable {
    /// A partition and who reads it.
    struct Lease: Sendable, Equatable {
        var place: BrokerLane.Place
        var member: String?
        var isOver: Bool
    }

    var kept: [BrokerLane.Place] = []
    var taken: [BrokerLane.Place] = []
    var released: [BrokerLane.Place] = []

    /// The plan of one of the living members.
    init(of member: String, members: [String], leases: [Lease]) {
        let sorted = Set(members).union([member]).sorted()
        let rank = sorted.firstIndex(of: member) ?? 0
        let share =
            leases.count / sorted.count + (rank < leases.count % sorted.count ? 1 : 0)
        let held = leases.filter { $0.member == member }.map(\.place)
        kept = Array(held.prefix(share))
        released = Array(held.dropFirst(share))
        for lease in leases where lease.member != member {
            guard kept.count + taken.count < share else { break }
            let isFree = lease.member.map { lease.isOver || !sorted.contains($0) } ?? true
            if isFree { taken.append(lease.place) }
        }
    }
}
