/// Builds HTML and SVG so that every element is closed and every text escaped.
package struct Markup {
    /// The text so far.
    package private(set) var text = ""

    package init() {}

    package typealias Attributes = KeyValuePairs<String, String>

    /// An element with content.
    package mutating func element(
        _ name: String,
        _ attributes: Attributes = [:],
        _ body: (inout Markup) -> Void
    ) {
        open(name, attributes)
        text += ">"
        body(&self)
        text += "</\(name)>"
    }

    /// An element that holds only text.
    package mutating func element(
        _ name: String,
        _ attributes: Attributes = [:],
        text content: String
    ) {
        element(name, attributes) { $0.write(content) }
    }

    /// An element without content, such as `<meta/>` or `<line/>`.
    package mutating func void(_ name: String, _ attributes: Attributes = [:]) {
        open(name, attributes)
        text += "/>"
    }

    /// Text, escaped.
    package mutating func write(_ content: String) {
        text += Markup.escaped(content)
    }

    /// An element that holds a sentence; names such as `payments->payments-db` are not broken.
    mutating func prose(_ name: String, _ content: String) {
        element(name) { element in
            let words = content.split(separator: " ", omittingEmptySubsequences: false)
            for (index, word) in words.enumerated() {
                if index > 0 { element.write(" ") }
                if word.contains("->"), word.count <= Markup.unbrokenMax {
                    element.element("span", ["class": "name"], text: String(word))
                } else {
                    element.write(String(word))
                }
            }
        }
    }

    /// Longer words may be broken: a phone has no room for them.
    private static let unbrokenMax = 30

    /// A line feed, to keep the source readable.
    package mutating func breakLine() {
        text += "\n"
    }

    /// Markup of our own making, as it is: the document type and the style sheet.
    package mutating func verbatim(_ content: String) {
        text += content
    }

    private mutating func open(_ name: String, _ attributes: Attributes) {
        text += "<\(name)"
        for (name, value) in attributes {
            text += " \(name)=\"\(Markup.escaped(value))\""
        }
    }

    /// Escapes what HTML gives a meaning, and replaces control characters, which it forbids.
    static func escaped(_ content: String) -> String {
        guard content.utf8.contains(where: needsEscape) else { return content }
        var result = ""
        result.reserveCapacity(content.utf8.count + 16)
        for scalar in content.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case "\u{0}"..<" ", "\u{7f}"..."\u{9f}": result.unicodeScalars.append("\u{fffd}")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, 0x7f, 0xc2, UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "\""), UInt8(ascii: "'"):
            true
        default: false
        }
    }
}
