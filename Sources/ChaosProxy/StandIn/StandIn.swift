// The stand-in: what serves a proxy's clients when its process has died (`on_death: passthrough`).
//
//   chaos proxy serve ──socketpair──▶ chaos proxy stand-in      while both live: it only holds
//        │  {"hold": 3, "proxy": …} + a copy of the listener      copies of the listeners
//        │  {"drop": 3}      the proxy is disabled or deleted
//        │  {"end": true}    the server stops as it should: the stand-in ends too
//        ✗  (end of file)    it was killed: the stand-in accepts, dials, and passes bytes untouched
//
//   the next chaos proxy serve ──door──▶ stand-in               it finds the port taken, asks for
//        {"take": "127.0.0.1:6432"} ◀── the listener itself       the listener, and gets it; the
//                                                                 stand-in serves what it has to
//                                                                 the end and ends
//
// No client is refused at any moment; connections that the dead process carried are cut, because
// only the kernel had them.

/// What a server needs to leave a stand-in behind.
package struct StandInSettings: Sendable {
    /// The `chaos` program.
    package var executable: String
    /// Where the doors of stand-ins are, one Unix socket each.
    package var directory: String

    package init(executable: String, directory: String) {
        self.executable = executable
        self.directory = directory
    }
}

/// What shall happen to a proxy's clients when its process dies.
enum OnDeath: String, Sendable, CaseIterable {
    /// Connections are cut and connects are refused, as the kernel does it.
    case cut
    /// A stand-in goes on listening and passes everything untouched.
    case passthrough
}
