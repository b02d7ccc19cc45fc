import EventLoop
import Glibc
import LinuxSystem

/// Prints a page to a PDF by a Chromium without a window, when one is installed.
enum PDFPrinter {
    /// Its names, in the order in which they are looked for.
    static let programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    /// How long it may take; a browser that starts for the first time is slow.
    private static let patience = Duration.seconds(120)

    /// Throws when there is no browser, or when it printed nothing.
    static func write(_ page: [UInt8], to file: String) throws {
        guard let browser = programs.lazy.compactMap(SearchPath.program).first else {
            throw Failure(
                "printing \(file) needs a browser, and none of \(programs.joined(separator: ", ")) "
                    + "is on the PATH. Install one (Debian: apt-get install chromium), or open the "
                    + "HTML report in any browser and print it there.",
                status: ExitStatus.usage
            )
        }
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-pdf")
        defer { try? SystemFiles.removeTree(folder) }
        try SystemFiles.writeAtomically("\(folder)/report.html", page, mode: 0o600)
        var words = [
            "--headless", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
            "--no-pdf-header-footer", "--user-data-dir=\(folder)/profile",
            "--print-to-pdf=\(folder)/report.pdf", "file://\(folder)/report.html",
        ]
        // Chromium has no sandbox for root; it only prints a page that we wrote.
        if geteuid() == 0 { words.insert("--no-sandbox", at: 1) }
        var spawn = SpawnRequest(executable: browser, arguments: words)
        spawn.stdout = .null
        spawn.stderr = .file("\(folder)/log", append: false)
        spawn.newSession = true
        let request = spawn
        try Loop.main {
            let child = try ChildProcess.spawn(request)
            do {
                _ = try await withDeadline(patience) { try await child.wait() }
            } catch {
                child.signalGroup(SIGKILL)
                _ = try? await child.wait()
            }
        }
        guard let bytes = try? SystemFiles.read("\(folder)/report.pdf"), !bytes.isEmpty else {
            let log = (try? SystemFiles.read("\(folder)/log")) ?? []
            let last = String(decoding: log, as: UTF8.self).split(separator: "\n").last
            throw Failure("\(browser) printed nothing: \(last ?? "it said nothing").")
        }
        try SystemFiles.writeAtomically(file, bytes, mode: 0o644)
    }
}
