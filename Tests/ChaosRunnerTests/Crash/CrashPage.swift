import LinuxSystem
import RunnerFixtures
import Synchronization

@testable import ChaosRunner

/// The table in docs/safety.md, which `make crash-table` writes from what it measured.
enum CrashPage {
    typealias Row = [KillPoint: [Victims: CrashCell]]

    struct Random: Sendable {
        var count = 0
        var leaks = 0
    }

    static let table = Mutex<[CrashFault: Row]>([:])
    static let random = Mutex(Random())

    /// Where the lab leaves its part; `make lab` puts it into the page.
    static let labPart = "crash-table-netem.md"

    private static let begin = "<!-- crash table: written by make crash-table -->"
    private static let end = "<!-- end of the crash table -->"
    private static let path = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(4).joined(separator: "/") + "/docs/safety.md"
    }()

    static func text() throws -> String {
        String(decoding: try SystemFiles.read(path), as: UTF8.self)
    }

    /// Puts the table in the place of the former one.
    static func write() throws {
        let page = try text()
        guard let from = page.range(of: begin), let to = page.range(of: end) else {
            throw MarkerError(description: "docs/safety.md has no place for the crash table")
        }
        let former = page[from.upperBound..<to.lowerBound].split(separator: "\n")
        let reasons = CrashFault.withoutRow.map { "- \($0.name): \($0.reason).\n" }.joined()
        let measured =
            measured(CrashFault.ofHost, former) + "\nWithout a row:\n\n"
            + reasons
        let whole = page[..<from.upperBound] + "\n\n" + measured + "\n" + page[to.lowerBound...]
        try SystemFiles.writeAtomically(path, Array(whole.utf8), mode: 0o644)
    }

    /// What was measured of these faults, as it stands in the page.
    ///
    /// What was not measured this time stays as the former lines of the page have it.
    static func measured(_ faults: [CrashFault], _ former: [Substring] = []) -> String {
        let (rows, random) = (table.withLock { $0 }, self.random.withLock { $0 })
        var lines = [
            "Measured on Linux \(HostFacts.kernelRelease) with \(HostFacts.processorCount)"
                + " \(HostFacts.processorCount == 1 ? "processor" : "processors").",
            "",
        ]
        for victims in Victims.allCases {
            lines.append("**\(title(victims))**")
            lines.append("")
            let points = KillPoint.allCases.map(\.rawValue)
            lines.append("| fault | " + points.joined(separator: " | ") + " |")
            lines.append("|---" + String(repeating: "|---", count: points.count) + "|")
            for fault in faults {
                let kept = former.drop { $0 != "**\(title(victims))**" }
                    .first { $0.hasPrefix("| \(fault.title) |") }
                guard let row = rows[fault] else {
                    lines.append(kept.map(String.init) ?? "| \(fault.title) | ? |")
                    continue
                }
                let cells = KillPoint.allCases.map { row[$0]?[victims]?.text ?? "?" }
                lines.append("| \(fault.title) | " + cells.joined(separator: " | ") + " |")
            }
            lines.append("")
        }
        if faults.contains(where: { $0.functions.count > 1 }) {
            lines.append("Where a row has several faults, they share one undo and take turns.")
            lines.append("")
        }
        if faults.contains(where: \.diesWithPipe) {
            lines.append(
                "\"kernel\" is also what ends with the runner's pipe: the process that holds"
                    + " packets, and the tracer of flushes."
            )
            lines.append("")
        }
        let kept = former.first { $0.contains(" killings at random moments ") }
        lines.append(
            random.count == 0 && kept != nil
                ? String(kept ?? "")
                : "\(random.count) killings at random moments (seeded; runner, guardian or both):"
                    + " \(random.leaks) leaks."
        )
        return lines.joined(separator: "\n") + "\n"
    }

    private static func title(_ victims: Victims) -> String {
        switch victims {
        case .runner: "The runner is killed: seconds until the fault is gone, and who undid it"
        case .guardian: "The guardian is killed: seconds until the runner has undone the fault"
        case .both: "Both are killed: what the kernel undoes, and how long `chaos recover` takes"
        }
    }
}

extension String {
    /// Where a text stands in it first.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        ranges(of: text).first
    }
}
