import CommandLine

/// `chaos reference`: the generated pages of the documentation; a test compares them with the disk.
enum ReferenceCommand {
    static let command = Command(
        "reference",
        summary: "print a generated reference page",
        arguments: [Argument("PAGE", "plugins, commands or exit-statuses.")],
        isHidden: true,
        action: { invocation in
            guard let page = ReferencePages.all[invocation.arguments[0]] else {
                throw UsageError(
                    path: invocation.path,
                    message: "there is no page '\(invocation.arguments[0])'. "
                        + "Pages: \(ReferencePages.all.keys.sorted().joined(separator: ", "))."
                )
            }
            Console.answer(page(), terminator: "")
            return ExitStatus.held
        }
    )
}
