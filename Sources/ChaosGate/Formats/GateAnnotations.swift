/// How a CI service wants to be told what failed, line by line on stdout.
package enum GateAnnotations: String, Sendable, CaseIterable {
    case github
    case azure
    case teamcity
    case none

    /// The service of this environment, by the variable that it sets.
    package static func detected(_ variable: (String) -> String?) -> GateAnnotations {
        if variable("GITHUB_ACTIONS") == "true" { return .github }
        if variable("TF_BUILD") != nil { return .azure }
        if variable("TEAMCITY_VERSION") != nil { return .teamcity }
        return .none
    }

    /// One line for each failure and for each run that had to be repeated.
    package func lines(_ judgement: GateJudgement) -> [String] {
        judgement.results.compactMap { result in
            let fails = judgement.failing.contains(result.outcome)
            guard fails || result.attempts > 1 || !result.regressions.isEmpty else { return nil }
            let title = "\(result.entry.name): \(result.outcome.rawValue)"
            let details = [result.sentence] + result.regressions.map(\.text)
            return line(
                isError: fails,
                file: result.entry.file,
                title: title,
                text: details.joined(separator: " ")
            )
        }
    }

    private func line(isError: Bool, file: String, title: String, text: String) -> String? {
        switch self {
        case .none: nil
        case .github:
            "::\(isError ? "error" : "warning") file=\(Self.github(file, isProperty: true)),"
                + "title=\(Self.github(title, isProperty: true))::"
                + Self.github(text, isProperty: false)
        case .azure:
            "##vso[task.logissue type=\(isError ? "error" : "warning");sourcepath=\(file)]"
                + "\(title): \(text.replacing("\n", with: " "))"
        case .teamcity:
            isError
                ? "##teamcity[buildProblem description='\(Self.teamcity(title + ": " + text))']"
                : "##teamcity[message status='WARNING' "
                    + "text='\(Self.teamcity(title + ": " + text))']"
        }
    }

    /// GitHub's workflow commands: % and line ends are escaped, in properties : and , as well.
    private static func github(_ text: String, isProperty: Bool) -> String {
        let plain = text.replacing("%", with: "%25").replacing("\r", with: "%0D")
            .replacing("\n", with: "%0A")
        guard isProperty else { return plain }
        return plain.replacing(":", with: "%3A").replacing(",", with: "%2C")
    }

    /// TeamCity's service messages escape with a vertical bar.
    private static func teamcity(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "|", "'", "[", "]": result += "|\(character)"
            case "\n": result += "|n"
            case "\r": result += "|r"
            default: result.append(character)
            }
        }
        return result
    }
}
