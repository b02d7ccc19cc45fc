/// Where programs are looked for by their name.
package enum SearchPath {
    /// The program's file on `PATH`, if there is one.
    package static func program(_ name: String) -> String? {
        let path = Environment.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").lazy.map { "\($0)/\(name)" }
            .first { SystemFiles.exists($0) && !SystemFiles.isDirectory($0) }
    }
}
