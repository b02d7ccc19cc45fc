/// A number with a unit that cannot be read.
package struct UnitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong: `"10 parsecs" has the unknown unit "parsecs"`.
    package var message: String
    /// What to do, a whole sentence.
    package var remedy: String

    package init(_ message: String, _ remedy: String) {
        self.message = message
        self.remedy = remedy
    }

    package var description: String { "\(message). \(remedy)" }
}

/// Splits `150MB/s` into a number and what follows it.
struct NumberWithSuffix {
    let number: Double
    let suffix: Substring

    /// `nil` when the text does not start with a decimal number.
    init?(_ text: Substring) {
        var index = text.startIndex
        var digits = 0
        var points = 0
        if text.first == "-" || text.first == "+" { index = text.index(after: index) }
        while index < text.endIndex {
            if text[index] == "." {
                points += 1
            } else if text[index].isASCII, text[index].isWholeNumber {
                digits += 1
            } else {
                break
            }
            index = text.index(after: index)
        }
        guard digits > 0, points <= 1, text[..<index].last != ".",
            let number = Double(text[..<index]), number.isFinite
        else { return nil }
        self.number = number
        suffix = text[index...].drop { $0 == " " }
    }
}
