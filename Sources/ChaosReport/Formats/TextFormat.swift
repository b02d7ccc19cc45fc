extension ReportFormat {
    /// The verdict block that a terminal shows.
    package static let text = ReportFormat(
        name: "text",
        summary: "The verdict and its evidence in a few lines for a terminal.",
        fileExtension: "txt",
        mediaType: "text/plain; charset=utf-8"
    ) { report in
        Array(TerminalSummary.render(report).utf8)
    }
}
