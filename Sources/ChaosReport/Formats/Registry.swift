internal import ChaosVerdict

/// A way to write a report.
package struct ReportFormat: Sendable {
    /// As `--format` names it.
    package var name: String
    package var summary: String
    /// Without the dot.
    package var fileExtension: String
    package var mediaType: String
    /// Renders to UTF-8.
    package var render: @Sendable (Report) -> [UInt8]
}

/// The formats there are; a new one takes a file in this folder and a line here.
package enum ReportFormats {
    package static let all: [ReportFormat] = [
        .html,
        .markdown,
        .text,
        .json,
        .junit,
        .prometheus,
        .openTelemetry,
    ]

    /// The format of that name, if there is one.
    package static func named(_ name: String) -> ReportFormat? {
        all.first { $0.name == name }
    }
}
