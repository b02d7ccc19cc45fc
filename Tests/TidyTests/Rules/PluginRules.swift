/// A plugin is a folder, a line in the registry and a line in the manifest: all three or none.
enum PluginRules {
    /// What a plugin's folder must hold.
    static let parts = ["plugin.json", "schema.json", "README.md", "Sources", "Tests"]

    static let registryPath = "plugins/Registry.swift"

    static func folder(_ name: String, holding names: [String]) -> [Finding] {
        parts.filter { !names.contains($0) }.map { part in
            Finding(
                "plugins/\(name)",
                "there is no \(part)",
                remedy: "A plugin's folder holds \(parts.joined(separator: ", "))."
            )
        }
    }

    /// Compares the folders with the manifest's plugins, and these with `BundledPlugins`.
    static func manifest(_ manifest: Manifest, folders: [String]) -> [Finding] {
        let plugins = manifest.plugins
        var findings = folders.filter { folder in !plugins.contains { $0.folder == folder } }
            .map { folder in
                Finding(
                    "plugins/\(folder)",
                    "Package.swift does not have it",
                    remedy: "Add plugin(\"\(folder)\", \"Fault…\") to its list of plugins."
                )
            }
        findings += plugins.filter { !folders.contains($0.folder) }.map { plugin in
            Finding(
                "Package.swift",
                plugin.target.line,
                "there is no folder plugins/\(plugin.folder)",
                remedy: "Make the folder, or take the line away."
            )
        }
        guard let bundle = manifest["BundledPlugins"] else { return findings }
        let modules = plugins.map(\.target.name).filter { !bundle.doors.contains($0) }
        findings += modules.map { module in
            Finding(
                "Package.swift",
                bundle.line,
                "BundledPlugins does not depend on \(module)",
                remedy: "Add it to the dependencies."
            )
        }
        let excluded = plugins.map(\.folder).filter { !bundle.exclude.contains($0) }
        return findings
            + excluded.map { folder in
                Finding(
                    "Package.swift",
                    bundle.line,
                    "BundledPlugins does not exclude \(folder)",
                    remedy: "Add it to the folders that are excluded."
                )
            }
    }

    /// Compares what the registry imports and makes with the manifest's plugins.
    static func registry(_ registry: SwiftText, _ manifest: Manifest) -> [Finding] {
        let modules = Set(manifest.plugins.map(\.target.name))
        let imports = ImportRules.imports(registry)
        let names = Set(imports.map(\.module))
        var findings = modules.subtracting(names).sorted().map { module in
            Finding(
                registry.path,
                "it does not import \(module)",
                remedy: "Add the import and a line that makes the plugin."
            )
        }
        let known = modules.union(["ChaosPluginAPI"])
        findings += imports.filter { !known.contains($0.module) }.map { found in
            Finding(
                registry.path,
                found.line,
                "\(found.module) is no plugin of Package.swift",
                remedy: "Add it there with plugin(…), or take the import away."
            )
        }
        let made = registry.code.count { line in
            let words = CodeWord.all(in: [line]).map(\.text)
            return words.starts(with: ["{", "try"])
        }
        guard made < modules.count else { return findings }
        return findings + [
            Finding(
                registry.path,
                "it makes \(made) plugins and Package.swift has \(modules.count)",
                remedy: "Add the line { try …Plugin() } of the one that is missing."
            )
        ]
    }
}
