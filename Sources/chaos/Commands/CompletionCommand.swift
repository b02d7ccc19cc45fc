import CommandLine

/// `chaos completion` and `chaos man`: what a shell and `man` want to know, from the command tree.
enum CompletionCommand {
    static let completion = Command(
        "completion",
        summary: "print the completion script of a shell",
        discussion: "The script asks chaos itself, so it never goes stale.",
        arguments: [Argument("SHELL", "bash, zsh or fish.")],
        examples: [
            Example("source <(chaos completion bash)", "Complete in this shell."),
            Example(
                "chaos completion fish > ~/.config/fish/completions/chaos.fish",
                "Complete in every fish."
            ),
        ],
        action: { invocation in
            let word = invocation.arguments[0]
            guard let script = CompletionScript(rawValue: word) else {
                throw UsageError(
                    path: invocation.path,
                    message: "there is no script for '\(word)'. Shells: bash, zsh, fish."
                )
            }
            Console.answer(script.text(program: "chaos"), terminator: "")
            return ExitStatus.held
        }
    )

    static let man: Command = Command(
        "man",
        summary: "print the manual page",
        examples: [Example("chaos man | man -l -", "Read it.")],
        action: { _ in
            Console.answer(
                ManPage(CommandTree.root, version: Program.version).text,
                terminator: ""
            )
            return ExitStatus.held
        }
    )

    /// The word by which completion scripts ask; it takes any words, so the parser never sees it.
    static let question = "__complete"

    /// Answers a completion script.
    static func answer(_ words: [String]) -> Int32 {
        Console.answer(Completion(CommandTree.root, words: words).lines, terminator: "")
        return ExitStatus.held
    }
}
