package import EventLoop
internal import Glibc

/// The program that this process runs.
package enum ProcessImage {
    /// Becomes another program, with the same pid; returns only when it cannot.
    ///
    /// - Parameters:
    ///   - executable: A path; it is not looked up in PATH.
    ///   - arguments: Without the program's own name.
    ///   - environment: `NAME=VALUE` lines.
    /// - Returns: Why it could not.
    package static func replace(
        _ executable: String,
        _ arguments: [String],
        environment: [String]
    ) -> SystemError {
        let words = CStrings([executable] + arguments)
        let lines = CStrings(environment)
        withExtendedLifetime((words, lines)) {
            _ = unsafe execve(executable, words.pointers, lines.pointers)
        }
        return SystemError(call: "starting", object: executable, code: errno)
    }
}
