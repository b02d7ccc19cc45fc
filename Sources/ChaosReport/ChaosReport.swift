// The report: a verdict and its journal as something to read.
//
//     events + verdict ──Report──▶ facts, stories ──▶ Formats/ ──▶ bytes
//                                                     HTML · Markdown · text · JSON
//
// A report never judges: outcome, reasons and tables come from the verdict, pictures and stories
// from the journal. The HTML is one file: no script, no request leaves it, light and dark follow
// the reader's system, each chart exists in a wide and a narrow drawing so that its text keeps its
// size on a phone. Markdown is for a pull request, text for a terminal, JSON for machines.
//
// Everything that a system under test may have written is escaped by `Markup`, which also makes
// sure that every element is closed. Secrets are masked by `Redaction` wherever free-form data of
// the journal is shown. To add a format: one file in `Formats/`, one line in its registry.
