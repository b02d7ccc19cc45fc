import EventLoop
import LinuxSystem

/// A data folder made once by `initdb` and copied for every cluster: copying is faster.
struct ClusterTemplate {
    let binaries: PostgresBinaries
    let account: ServerAccount
    /// Where templates are kept: `/var/cache/chaos`, or `~/.cache/chaos` of an ordinary user.
    let cache: String

    /// The cache of this user; the server's account must be able to read it.
    static func cacheFolder(_ account: ServerAccount) -> String {
        if account.identity != nil { return "/var/cache/chaos" }
        if let folder = Environment.get("XDG_CACHE_HOME"), folder.hasPrefix("/") {
            return folder + "/chaos"
        }
        return (Environment.get("HOME") ?? "/tmp") + "/.cache/chaos"
    }

    /// Copies the template to `folder`, which must not exist; makes the template when it is
    /// missing.
    func copy(to folder: String) async throws {
        let template = try await ready()
        try await run(
            ["/bin/cp", "-a", "--reflink=auto", template, folder],
            "copying the template \(template) to \(folder)"
        )
    }

    /// The template's folder, made if need be; several processes may do so at once.
    func ready() async throws -> String {
        let version = try await version()
        let name = Self.name(version: version, account: account.name)
        let final = "\(cache)/\(name)"
        if SystemFiles.exists(final + "/PG_VERSION") { return final }
        try SystemFiles.createDirectory(cache, mode: 0o755, parents: true)
        let draft = "\(cache)/\(name).\(UInt32.random(in: 0 ... .max)).draft"
        try SystemFiles.createDirectory(draft, mode: 0o700, parents: false)
        try account.own(draft)
        do {
            try await run(
                [binaries.initdb, "--pgdata=\(draft)"] + ClusterSettings.initdbArguments,
                "making the template \(draft)"
            )
            try await run(
                [binaries.postgres, "--single", "-D", draft, "-c", "fsync=off", "template1"],
                "slimming the template \(draft)",
                input: Self.slimming
            )
            // Whoever comes second finds the name taken; both results are the same.
            try? SystemFiles.rename(draft, to: final)
        } catch {
            try? SystemFiles.removeTree(draft)
            throw error
        }
        try? SystemFiles.removeTree(draft)
        return final
    }

    /// Takes out a third of the files to copy: nothing here needs the pristine `template0`.
    ///
    /// The single-user server takes one statement per line.
    static let slimming = """
        UPDATE pg_database SET datistemplate = false, datallowconn = true \
        WHERE datname = 'template0'
        DROP DATABASE template0

        """

    /// A name that changes with everything that the content depends on.
    static func name(version: String, account: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        let all = [account, slimming] + ClusterSettings.initdbArguments
        for byte in all.joined(separator: "\n").utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        return "pg-\(version)-\(String(hash, radix: 16))"
    }

    private func version() async throws -> String {
        let output = try await run([binaries.postgres, "--version"], "asking postgres its version")
        // "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)"
        let words = output.split(separator: " ")
        guard words.count >= 3, words[2].allSatisfy({ $0.isNumber || $0 == "." }) else {
            throw PostgresServerError(
                .program,
                "\(binaries.postgres) --version answered \(output). Name another folder in "
                    + "PG_BINDIR."
            )
        }
        return String(words[2])
    }

    /// Runs a program as the account and returns its output; throws with the output's end.
    @discardableResult
    private func run(
        _ command: [String],
        _ purpose: String,
        input: String = ""
    ) async throws -> String {
        let output = try await Capture.run(
            command,
            as: account,
            input: input,
            timeout: .seconds(60)
        )
        guard output.status == .exited(0) else {
            let hint =
                account.identity == nil
                ? ""
                : " Every folder above it must be accessible to user \(account.name)."
            throw PostgresServerError(
                .program,
                "\(purpose) failed: \(command[0]) ended with \(output.status).\(hint)",
                log: output.text
            )
        }
        return output.text
    }
}
