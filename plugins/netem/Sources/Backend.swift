import JSON
import Netlink
import PacketQueue

/// By what packets are impaired.
enum Backend: String, Sendable {
    /// The kernel's netem discipline.
    case netem
    /// A process of ours to which nf_tables leads the packets.
    case nfqueue

    /// What was asked for by `backend`, or else the first that this kernel has and that can do it.
    ///
    /// Whether the kernel has netem is not asked when it was named: see `NetemSupport`.
    ///
    /// - Throws: `NetemError` when there is none: why not the one, and why not the other.
    static func choose(_ arguments: JSONObject, seed: UInt64) throws -> Backend {
        let netem = try Impairment(arguments, seed: seed).netem
        let selection = try Selection(arguments)
        let directions = Selection.Direction.all(arguments)
        switch arguments["backend"]?.stringValue.flatMap(Backend.init(rawValue:)) {
        case .netem?: return .netem
        case .nfqueue?:
            try QueuedPackets.check(netem, selection)
            try QueueSupport.check()
            return .nfqueue
        case nil: break
        }
        do {
            try NetemSupport.check(directions)
            return .netem
        } catch let missing as NetemError {
            do {
                try QueuedPackets.check(netem, selection)
                try QueueSupport.check()
            } catch {
                throw NetemError("\(missing) The other backend does not help: \(error)")
            }
            return .nfqueue
        }
    }
}
