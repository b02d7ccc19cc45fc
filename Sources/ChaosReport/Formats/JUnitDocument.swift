internal import ChaosVerdict

/// JUnit XML as CI services read it: `testsuites` › `testsuite` › `testcase`.
package struct JUnitDocument: Sendable, Equatable {
    package var name: String
    package var suites: [JUnitSuite]

    package init(name: String, suites: [JUnitSuite]) {
        self.name = name
        self.suites = suites
    }

    package var xml: String {
        var markup = Markup()
        markup.verbatim("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        let cases = suites.flatMap(\.cases)
        let counts = JUnitCounts(cases)
        let seconds = suites.reduce(0) { $0 + $1.seconds }
        markup.element(
            "testsuites",
            [
                "name": name, "tests": "\(cases.count)", "failures": "\(counts.failures)",
                "errors": "\(counts.errors)", "time": Self.time(seconds),
            ]
        ) { markup in
            for suite in suites { Self.write(suite, into: &markup) }
            markup.breakLine()
        }
        markup.breakLine()
        return markup.text
    }

    private static func write(_ suite: JUnitSuite, into markup: inout Markup) {
        let counts = JUnitCounts(suite.cases)
        markup.breakLine()
        markup.element(
            "testsuite",
            [
                "name": suite.name, "tests": "\(suite.cases.count)",
                "failures": "\(counts.failures)", "errors": "\(counts.errors)",
                "skipped": "\(counts.skipped)", "time": time(suite.seconds),
                "timestamp": suite.startedAt ?? "1970-01-01T00:00:00Z",
            ]
        ) { markup in
            for item in suite.cases { write(item, of: suite.name, into: &markup) }
            markup.breakLine()
        }
    }

    private static func write(_ item: JUnitCase, of suite: String, into markup: inout Markup) {
        markup.breakLine()
        markup.element(
            "testcase",
            ["classname": suite, "name": item.name, "time": time(item.seconds)]
        ) { markup in
            switch item.result {
            case .passed: break
            case .skipped(let reason): markup.void("skipped", ["message": firstLine(reason)])
            case .failure(let kind, let text):
                markup.element(
                    "failure",
                    ["type": kind, "message": firstLine(text)],
                    text: text
                )
            case .error(let kind, let text):
                markup.element("error", ["type": kind, "message": firstLine(text)], text: text)
            }
        }
    }

    private static func firstLine(_ text: String) -> String {
        String(text.prefix { !$0.isNewline })
    }

    private static func time(_ seconds: Double) -> String {
        let thousandths = Int((max(0, min(seconds, 1e9)) * 1000 + 0.5))
        let rest = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }
}

/// How the cases of a suite ended.
struct JUnitCounts {
    var failures = 0
    var errors = 0
    var skipped = 0

    init(_ cases: [JUnitCase]) {
        for item in cases {
            switch item.result {
            case .passed: break
            case .failure: failures += 1
            case .error: errors += 1
            case .skipped: skipped += 1
            }
        }
    }
}
