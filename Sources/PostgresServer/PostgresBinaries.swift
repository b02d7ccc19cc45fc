import LinuxSystem

/// Where a PostgreSQL installation's programs are.
package struct PostgresBinaries: Sendable, Hashable {
    /// The folder that holds `postgres` and `initdb`.
    package var directory: String

    package var postgres: String { directory + "/postgres" }
    package var initdb: String { directory + "/initdb" }

    /// Finds the programs: `explicit`, `$PG_BINDIR`, Debian's newest, then `$PATH`.
    ///
    /// Throws `.missing` with what to install.
    package static func find(explicit: String? = nil) throws -> PostgresBinaries {
        let installed = debianFolders(SystemFiles.exists)
        let path = (Environment.get("PATH") ?? "").split(separator: ":").map(String.init)
        let chosen = [explicit, Environment.get("PG_BINDIR")].compactMap { $0 }
        for folder in (chosen.isEmpty ? installed + path : chosen)
        where hasPrograms(folder) {
            return PostgresBinaries(directory: folder)
        }
        let place = chosen.first.map { " in \($0)" } ?? ""
        throw PostgresServerError(
            .missing,
            "no postgres and initdb\(place). Install PostgreSQL (Debian: apt-get install "
                + "postgresql) or name their folder in PG_BINDIR."
        )
    }

    /// Debian's folders, newest version first.
    static func debianFolders(_ exists: (String) -> Bool) -> [String] {
        (10...30).reversed().map { "/usr/lib/postgresql/\($0)/bin" }.filter(exists)
    }

    private static func hasPrograms(_ folder: String) -> Bool {
        SystemFiles.exists(folder + "/postgres") && SystemFiles.exists(folder + "/initdb")
    }
}
