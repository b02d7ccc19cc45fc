/// A request that cannot be taken as it is; every mistake in one go.
package struct RequestError: Error, Equatable, CustomStringConvertible {
    /// One sentence each: what is wrong, where, what to do.
    package var problems: [String]
    package var description: String { problems.joined(separator: " ") }

    package init(problems: [String]) {
        self.problems = problems
    }
}
