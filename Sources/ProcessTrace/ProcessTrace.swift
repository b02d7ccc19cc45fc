// ProcessTrace — the calls by which running processes flush files to disk, slowed or failed.
//
//     FlushHold (here, in the run) ──starts──▶ chaos flush-trace ──ptrace──▶ the process, and all
//        counts, ends                            FlushTraceProcess            below it
//
// FlushHold          what the user of this room does
// FlushTraceProcess  what that process does, until its standard input ends
//
// Nothing can be left behind: when the tracer dies, however it dies, the kernel detaches what it
// traced. While it lives each call of the traced processes costs them some 10 µs.

/// Why processes could not be traced.
package struct ProcessTraceError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
