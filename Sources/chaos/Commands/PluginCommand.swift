import BundledPlugins
import ChaosPluginAPI
import CommandLine
import JSON

/// `chaos plugin`: what can be injected and read.
enum PluginCommand {
    static let command = Command(
        "plugin",
        summary: "list and describe the faults and probes",
        subcommands: [
            Command(
                "list",
                summary: "list the plugins and their functions",
                options: [Option("json", "Print the list as JSON.")],
                action: { invocation in
                    list(asJSON: invocation.has("json"))
                    return ExitStatus.held
                }
            ),
            Command(
                "describe",
                summary: "tell everything about one plugin",
                arguments: [Argument("NAME", "The plugin: 'chaos plugin list'.")],
                action: { try describe($0) }
            ),
        ]
    )

    private static func list(asJSON: Bool) {
        let manifests = bundledPlugins.map(\.manifest)
        if asJSON {
            Console.answer(JSONValue.array(manifests.map(PluginText.json)).serialized(pretty: true))
            return
        }
        for manifest in manifests {
            Console.answer("\(manifest.name) \(manifest.version) — \(manifest.summary)")
            for function in manifest.functions {
                let name = function.name.padding(to: 18)
                Console.answer(
                    "  \(name) \(function.kind.rawValue.padding(to: 7)) \(function.summary)"
                )
            }
        }
    }

    private static func describe(_ invocation: Invocation) throws -> Int32 {
        let name = invocation.arguments[0]
        let manifests = bundledPlugins.map(\.manifest)
        guard let manifest = manifests.first(where: { $0.name == name }) else {
            let known = manifests.map(\.name)
            let guess = Spelling.nearest(to: name, in: known).map { " Did you mean '\($0)'?" } ?? ""
            throw UsageError(
                path: invocation.path,
                message:
                    "there is no plugin '\(name)'.\(guess) Known: \(known.joined(separator: ", "))."
            )
        }
        Console.answer(PluginText.description(of: manifest), terminator: "")
        return ExitStatus.held
    }
}

extension String {
    /// The text, padded with spaces to a width.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
