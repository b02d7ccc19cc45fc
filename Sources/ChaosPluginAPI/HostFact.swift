/// One thing of this machine that a fault could change, and how it stands.
package struct HostFact: Sendable, Hashable {
    /// What and where: `the limit of open files of payments`.
    package var subject: String
    /// How it stands, without anything that counts up.
    package var value: String
    /// Whether others change it too, so that a difference is told and not held against the run.
    package var isShared: Bool

    package init(_ subject: String, _ value: String, isShared: Bool = false) {
        self.subject = subject
        self.value = value
        self.isShared = isShared
    }
}
