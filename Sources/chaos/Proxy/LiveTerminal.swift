import Glibc

/// Lines on a terminal that are drawn over each other, without flicker or a second screen.
///
/// Nothing of the terminal is changed that would have to be put back: a killed program leaves its
/// last picture and no more.
struct LiveTerminal {
    struct Size: Equatable {
        var columns: Int
        var rows: Int
    }

    private var drawn = 0
    private var lastSize: Size?

    /// The size of the terminal behind stderr; 80 × 24 when it does not tell.
    static func size() -> Size {
        var size = winsize()
        let answered = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0
        guard answered, size.ws_col > 0, size.ws_row > 0 else { return Size(columns: 80, rows: 24) }
        return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// Draws the lines over those drawn before, in one write.
    mutating func draw(_ lines: [ScreenLine], size: Size) {
        var text = ""
        if let lastSize, lastSize != size {
            // The terminal has wrapped what was there: begin anew.
            text += "\u{1B}[2J\u{1B}[H"
        } else if drawn > 0 {
            text += "\u{1B}[\(drawn)A\r"
        }
        for line in lines {
            // The last column stays free: some terminals wrap when it is written.
            text +=
                line.text(width: size.columns - 1, isColoured: Console.mayColour) + "\u{1B}[K\r\n"
        }
        text += "\u{1B}[J"
        Console.say(text, terminator: "")
        drawn = lines.count
        lastSize = size
    }
}
