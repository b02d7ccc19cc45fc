import LinuxSystem
import NFTables
import PacketQueue

/// Whether this kernel leads packets to a process: tried in a network namespace that vanishes at
/// once.
package enum QueueSupport {
    /// - Throws: `NetemError` that names what is missing and what to do.
    static func check() throws {
        let program = LeasedChild.program
        guard SystemFiles.exists(program) else {
            throw NetemError(
                "the program that holds packets is not there — \(program). Install chaos there."
            )
        }
        do {
            let fresh = try OpenNamespace.fresh()
            guard let tag = OwnershipTag(run: "doctor", fault: "try"),
                let namespace = NetworkNamespace(named: fresh.path)
            else { preconditionFailure("both names are plain") }
            try withExtendedLifetime(fresh) { try PacketHold.check(in: namespace, tag: tag) }
        } catch {
            throw NetemError(
                "this kernel does not lead packets to a process — \(error). Run as root, with the"
                    + " modules nf_tables, nft_compat, xt_NFQUEUE and nfnetlink_queue."
            )
        }
    }

    /// What is missing; empty when it works.
    package static func complaint() -> String {
        do {
            try check()
            return ""
        } catch {
            return "\(error)"
        }
    }
}
