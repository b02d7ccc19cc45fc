/// Why a line of a journal could not be read as an event.
package struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, with the member's name where there is one.
    package var message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
