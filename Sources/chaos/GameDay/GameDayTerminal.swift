import ChaosGameDay
import ChaosModel
import ChaosVerdict
import CommandLine
import EventLoop
import Glibc

/// The terminal of a GameDay: on top where it stands, below what happens, last what is typed.
///
/// On a terminal the upper lines are drawn anew each second and the rest scrolls under them; the
/// terminal's own line editing is left alone, so that a killed program leaves nothing to put back
/// but the scrolling region. Everywhere else each event is a plain line.
struct GameDayTerminal: Sendable {
    let conductor: GameDayConductor
    /// The page's address; `nil`: there is none.
    let address: String?
    let isRehearsal: Bool

    /// Whether there is a head.
    private static var isLive: Bool { Console.isInteractive && !Console.isDumb }
    private var isLive: Bool { Self.isLive }

    /// Shows where the next word is typed.
    static func prompt() {
        if isLive { Console.say("> ", terminator: "") }
    }

    /// Shows events as they come until cancelled.
    func follow(from first: Int) async {
        guard let (number, changes) = conductor.watch(), let loop = Loop.current else { return }
        defer { conductor.leave(number) }
        begin()
        var shown = first
        // Owned by this call, which cancels it.
        let clock = loop.spawn {
            while true {
                try await loop.sleep(for: .seconds(1))
                conductor.wake(number)
            }
        }
        defer { clock.cancel() }
        tell(&shown)
        for await _ in changes { tell(&shown) }
    }

    /// Gives the whole terminal back.
    func end() {
        guard isLive else { return }
        let rows = LiveTerminal.size().rows
        Console.say("\u{1B}[r\u{1B}[\(rows);1H")
    }

    private func begin() {
        guard isLive else { return }
        let size = LiveTerminal.size()
        let first = min(GameDayHead.height + 1, size.rows)
        Console.say("\u{1B}[2J\u{1B}[\(first);\(size.rows)r\u{1B}[\(first);1H", terminator: "")
        if let address, !GameDayHead.hasRoom(for: address, width: size.columns - 1) {
            Console.say("page: \(address)")
        }
    }

    private func tell(_ shown: inout Int) {
        let state = conductor.dashboard
        let news = state.day.log.filter { $0.sequence > shown }
        for line in news {
            shown = line.sequence
            let text = "\(FigureText.clock(wallMicroseconds: line.at.microseconds)) \(line.text)"
            Console.say(isLive ? "\r\u{1B}[K\(text)" : text)
        }
        guard isLive else { return }
        let size = LiveTerminal.size()
        let head = GameDayHead(state: state, address: address, width: size.columns - 1)
        if !news.isEmpty, !isRehearsal { Self.prompt() }
        var picture = "\u{1B}7"
        for (row, line) in head.lines.enumerated() {
            let text = line.text(width: head.width, isColoured: Console.mayColour)
            picture += "\u{1B}[\(row + 1);1H\(text)\u{1B}[K"
        }
        Console.say(picture + "\u{1B}8", terminator: "")
    }
}

/// What is typed, line by line, from a thread of its own: reading a terminal blocks.
enum Keyboard {
    /// Lines of standard input until it ends.
    ///
    /// Throws `SystemError` when no thread can be had.
    static func lines() throws -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream<String>.makeStream(
            bufferingPolicy: .bufferingNewest(100)
        )
        let loop = try Loop.start(label: "keyboard")
        // Owned by the process: it ends with it, or with the input.
        loop.spawn {
            while let line = readLine(strippingNewline: true) { continuation.yield(line) }
            continuation.finish()
        }
        return stream
    }

    /// Whether somebody sits there.
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }
}
