/// Why a load cannot be generated.
package struct LoadError: Error, Equatable, CustomStringConvertible {
    /// What is wrong, where, and what to do.
    package var message: String

    package var description: String { message }
}
