package import JSON

/// One invariant over all its checks in the run.
package struct InvariantRow: Sendable, Equatable {
    package var name: String
    package var statement: String
    /// `false` as soon as one check found a violation; `nil`: never observed.
    package var holds: Bool?
    /// Of the check that counts: the one with most violations, otherwise the last.
    package var checked: Int
    package var violations: Int
    package var witnesses: [JSONObject]
    package var error: String?
    /// How often it was checked.
    package var checks: Int
    /// Seconds since the run started, of the first check that found a violation.
    package var firstViolatedAt: Double?

    /// Holds, but only because there was nothing to look at.
    package var isVacuous: Bool { holds == true && checked == 0 }
}
