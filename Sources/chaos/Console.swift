import Glibc

/// stdout is the answer, stderr is the conversation.
enum Console {
    /// Whether stderr is a terminal: colour and motion are allowed only then, and never with
    /// `NO_COLOR`.
    static let isInteractive = isatty(STDERR_FILENO) == 1

    /// Whether stdout may carry colour.
    static let isColoured = answersToTerminal && mayColour

    /// Whether stdout is a terminal.
    static let answersToTerminal = isatty(STDOUT_FILENO) == 1

    /// Whether nobody forbade colour (`NO_COLOR`, no-color.org).
    static let mayColour = !hasEnvironment("NO_COLOR")

    /// Whether the terminal cannot move its cursor.
    static let isDumb = unsafe getenv("TERM").map { unsafe String(cString: $0) == "dumb" } ?? true

    /// Whether somebody can type answers.
    static let inputIsTerminal = isatty(STDIN_FILENO) == 1

    /// Columns of the terminal: `COLUMNS`, the terminal's own, else 80.
    static let width: Int = {
        var size = winsize()
        let answered = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        return answered && size.ws_col > 0 ? Int(size.ws_col) : 80
    }()

    /// Prints to stdout.
    static func answer(_ text: String, terminator: String = "\n") {
        write(text + terminator, to: STDOUT_FILENO)
    }

    /// Prints to stdout, byte for byte.
    static func answer(bytes: [UInt8]) {
        write(bytes, to: STDOUT_FILENO)
    }

    /// Prints to stderr.
    static func say(_ text: String, terminator: String = "\n") {
        write(text + terminator, to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        write(Array(text.utf8), to: descriptor)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            // A closed pipe or a full disk: nobody is left to tell.
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    private static func hasEnvironment(_ name: String) -> Bool {
        unsafe getenv(name) != nil
    }
}
