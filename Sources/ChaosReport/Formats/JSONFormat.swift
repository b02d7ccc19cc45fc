internal import ChaosVerdict
internal import JSON

extension ReportFormat {
    /// The verdict for machines: what `verdict.json` holds.
    package static let json = ReportFormat(
        name: "json",
        summary: "The verdict and its tables for machines.",
        fileExtension: "json",
        mediaType: "application/json"
    ) { report in
        Array((report.verdict.json.serialized(pretty: true) + "\n").utf8)
    }
}
