/// What a plugin finds out about this machine for the doctor: whether a function works here.
///
/// The protocol is small. A plugin whose faults need something of the machine implements
/// `selfChecks()` and returns one value for each function (or each backend of a function). It finds
/// out **by trying**: in a throwaway namespace, on a throwaway child, on a file of its own — never
/// by looking for a version number, and never on anything that is not its own. What it made it
/// removes before it returns; the doctor gives it `SelfCheck.deadline`. A plugin that needs nothing
/// of the machine leaves the default, which says so for every function.
package struct SelfCheck: Sendable, Hashable {
    /// What was found.
    package enum Verdict: Sendable, Hashable {
        /// It was tried and works.
        case works
        /// It needs nothing of this machine that could be tried.
        case needsNothing
        /// It does not work: why, and what to install or grant.
        case missing(String, remedy: String)
    }

    /// The longest time that all checks of one plugin may take.
    package static let deadline = Duration.seconds(20)

    /// The function of the plugin: `pause`.
    package var function: String
    /// By what it works: `pidfd`, `nftables`, `netem qdisc`; empty when there is no choice.
    package var backend: String
    /// What it needs, in words: `a kernel with pidfd_send_signal (5.1)`; empty when nothing.
    package var needs: String
    package var verdict: Verdict

    package init(_ function: String, backend: String = "", needs: String = "", _ verdict: Verdict) {
        self.function = function
        self.backend = backend
        self.needs = needs
        self.verdict = verdict
    }
}
