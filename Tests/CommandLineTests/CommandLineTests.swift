import CommandLine
import Testing

private let tree = Command(
    "tool",
    summary: "a tool for tests",
    subcommands: [
        Command(
            "run",
            summary: "run a file",
            arguments: [Argument("FILE", "What to run.")],
            options: [
                Option("seed", value: "N", "A seed."),
                Option("mutant", value: "NAME", "A mutant.", isRepeatable: true),
                Option("output", short: "o", value: "DIR", "Where to.", defaultText: "runs"),
                Option("format", value: "WORD", "How.", choices: ["html", "markdown"]),
                Option("json", "As JSON."),
            ],
            action: { _ in 0 }
        ),
        Command(
            "shop",
            summary: "the shop",
            subcommands: [
                Command("up", summary: "start it", action: { _ in 0 }),
                Command("ghost", summary: "hidden", isHidden: true, action: { _ in 0 }),
            ]
        ),
    ]
)

struct CommandParserTests {
    private func invocation(_ words: String...) throws -> Invocation {
        guard case .run(let invocation) = try CommandParser(tree).parse(words) else {
            throw UsageError(path: [], message: "expected a command to run")
        }
        return invocation
    }

    private func complaint(_ words: [String]) -> String? {
        do {
            _ = try CommandParser(tree).parse(words)
            return nil
        } catch { return error.message }
    }

    @Test func `options and arguments may be mixed`() throws {
        let parsed = try invocation(
            "run",
            "--seed",
            "7",
            "a.json",
            "--mutant=x",
            "--mutant",
            "y",
            "-o",
            "out",
            "--json"
        )
        #expect(parsed.path == ["tool", "run"])
        #expect(parsed.arguments == ["a.json"])
        #expect(try parsed.integer("seed", in: 0...10) == 7)
        #expect(parsed.values("mutant") == ["x", "y"])
        #expect(parsed.value("output") == "out")
        #expect(parsed.has("json"))
        #expect(!parsed.has("format"))
    }

    @Test func `two dashes end the options and a single dash is an argument`() throws {
        #expect(try invocation("run", "--", "--seed").arguments == ["--seed"])
        #expect(try invocation("run", "-").arguments == ["-"])
    }

    @Test(arguments: [
        (["rum"], "unknown command 'rum'. Did you mean 'run'?"),
        (["shop", "ghots"], "unknown command 'ghots'."),
        (["run"], "FILE is missing: What to run."),
        (["run", "a", "b"], "'b' is one word too many."),
        (["run", "a", "--sede", "1"], "unknown option '--sede'. Did you mean '--seed'?"),
        (["run", "a", "--seed"], "--seed needs a value: --seed N."),
        (["run", "a", "--seed", "1", "--seed", "2"], "--seed was given twice."),
        (["run", "a", "--json=1"], "--json takes no value, but got '1'."),
        (
            ["run", "a", "--format", "htm"],
            "--format does not know 'htm'. Did you mean 'html'? It takes: html, markdown."
        ),
        (["--nope"], "unknown option '--nope'."),
    ])
    func `a wrong word is told with its remedy`(words: [String], message: String) {
        #expect(complaint(words) == message)
    }

    @Test func `a number outside its range is refused`() throws {
        let parsed = try invocation("run", "a", "--seed", "11")
        #expect(throws: UsageError.self) { try parsed.integer("seed", in: 0...10) }
    }

    @Test(arguments: [["--help"], ["help"], [], ["shop"], ["help", "run"], ["run", "-h"]])
    func `help is reached from everywhere`(words: [String]) throws {
        guard case .help = try CommandParser(tree).parse(words) else {
            Issue.record("expected help for \(words)")
            return
        }
    }
}

struct HelpTextTests {
    @Test func `a screen is told whole`() {
        let command = tree.subcommands[0]
        #expect(
            HelpText(width: 60).screen(of: command, path: ["tool", "run"]) == """
                tool run — run a file

                USAGE
                  tool run FILE [--seed N] [--mutant NAME]… [--output DIR]
                           [--format WORD] [--json]

                ARGUMENTS
                  FILE  What to run.

                OPTIONS
                      --seed N       A seed.
                      --mutant NAME  A mutant. May be given several times.
                  -o, --output DIR   Where to. Default: runs.
                      --format WORD  How. One of: html, markdown.
                      --json         As JSON.
                  -h, --help         Show this screen.

                """
        )
    }

    @Test func `a group lists its verbs but not the hidden ones`() {
        let screen = HelpText().screen(of: tree.subcommands[1], path: ["tool", "shop"])
        #expect(screen.contains("up  start it"))
        #expect(!screen.contains("ghost"))
    }
}

struct SpellingTests {
    @Test(arguments: [("kitten", "sitting", 3), ("", "abc", 3), ("same", "same", 0)])
    func `distance counts edits`(left: String, right: String, edits: Int) {
        #expect(Spelling.distance(left, right) == edits)
    }

    @Test func `a far word has no neighbour`() {
        #expect(Spelling.nearest(to: "zzzzzz", in: ["run", "plan"]) == nil)
    }
}

struct CompletionTests {
    private func complete(_ words: String...) -> Completion {
        Completion(tree, words: words)
    }

    @Test func `commands are offered, hidden ones are not`() {
        #expect(complete("").candidates.map(\.word) == ["run", "shop"])
        #expect(complete("shop", "").candidates.map(\.word) == ["up"])
        #expect(complete("s").lines == "shop\tthe shop\n")
    }

    @Test func `options are offered once, unless they may be repeated`() {
        let words = complete("run", "--seed", "1", "--mutant", "x", "--").candidates.map(\.word)
        #expect(!words.contains("--seed"))
        #expect(words.contains("--mutant"))
        #expect(words.contains("--help"))
    }

    @Test func `the choices of an option are offered after it and after its sign`() {
        #expect(complete("run", "--format", "").candidates.map(\.word) == ["html", "markdown"])
        #expect(complete("run", "--format=m").candidates.map(\.word) == ["--format=markdown"])
    }

    @Test func `files are offered where a path may stand`() {
        #expect(complete("run", "").takesFiles)
        #expect(complete("run", "-o", "").takesFiles)
        #expect(!complete("run", "--seed", "").takesFiles)
        #expect(!complete("shop", "").takesFiles)
        #expect(Completion(tree, words: []).lines.isEmpty)
    }
}
