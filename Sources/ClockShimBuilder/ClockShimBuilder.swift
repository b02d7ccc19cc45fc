import Foundation
import PackagePlugin

/// Builds the clock's preload shim with the toolchain's clang and puts it into a Swift file.
///
/// A dynamic library product of SwiftPM would need libswiftCore; this one needs libc only, and goes
/// into programs that know nothing of Swift.
@main
struct ClockShimBuilder: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let sources = context.package.directoryURL.appending(path: "Sources")
        let source = sources.appending(path: "ProcessClock/Shim/shim.c")
        let headers = sources.appending(path: "CClock/include")
        let output = context.pluginWorkDirectoryURL.appending(path: "ClockShimImage.swift")
        let script = """
            set -e
            "$1" -O2 -shared -fPIC -fvisibility=hidden -Wall -Werror -I "$3" -o "$4.so" "$2"
            {
                echo '// Generated from Shim/shim.c.'
                echo '/// The preload shim, an ELF shared object, in base64.'
                printf 'enum ClockShimImage { static let base64 = "%s" }\\n' "$(base64 -w0 "$4.so")"
            } > "$4"
            """
        return [
            .buildCommand(
                displayName: "Building the clock's preload shim",
                executable: URL(filePath: "/bin/sh"),
                arguments: [
                    "-c", script, "build", try context.tool(named: "clang").url.path(),
                    source.path(), headers.path(), output.path(),
                ],
                inputFiles: [source, headers.appending(path: "CClock.h")],
                outputFiles: [output]
            )
        ]
    }
}
