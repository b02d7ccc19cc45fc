import CommandLine
import Glibc

// chaos — the command line of the toolkit: parses words, wires rooms, prints, and exits.
//
//     words ─▶ CommandParser ─▶ a command's action ─▶ rooms (plan, runner, verdict, report, …)
//                                    │
//                                    ├─▶ stdout: the answer        (Console.answer)
//                                    └─▶ stderr: the conversation  (Console.say, live lines)
//
// Exit status: 0 held · 1 deviated · 2 inconclusive · 3 aborted · 4 undo incomplete · 64 wrong
// usage or invalid experiment · 70 internal fault · 130/143 interrupted and clean.

/// The program.
@main
enum Chaos {
    static func main() {
        exit(Program.run(Array(Swift.CommandLine.arguments.dropFirst())))
    }
}
