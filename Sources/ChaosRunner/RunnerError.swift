/// What can go wrong with a run as a whole.
package struct RunnerError: Error, Sendable, CustomStringConvertible {
    /// The kinds of trouble, for those who decide by it.
    package struct Code: Hashable, Sendable {
        private enum Kind: Hashable {
            case unclean, unknownFunction, guardian, directory, system, lever, host
        }

        private let kind: Kind

        /// An earlier run left something behind that could not be undone.
        package static let unclean = Code(kind: .unclean)
        /// A step names a function that no plugin has.
        package static let unknownFunction = Code(kind: .unknownFunction)
        /// The guardian did not start or did not stay.
        package static let guardian = Code(kind: .guardian)
        /// The run's directory or journal could not be made.
        package static let directory = Code(kind: .directory)
        /// The system description lacks what a step needs.
        package static let system = Code(kind: .system)
        /// A fault would hit this host itself, and nobody allowed that.
        package static let host = Code(kind: .host)
        /// The safety lever is engaged.
        package static let lever = Code(kind: .lever)
    }

    package let code: Code
    /// What went wrong — where — what to do.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
