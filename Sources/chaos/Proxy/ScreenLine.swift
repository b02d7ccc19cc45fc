import CommandLine

/// One line of a screen: pieces of text with a style; cut to a width before it is coloured.
struct ScreenLine: Equatable {
    enum Style: String {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case red = "31"
        case yellow = "33"
    }

    struct Piece: Equatable {
        var text: String
        var style: Style
    }

    var pieces: [Piece]

    init(_ text: String = "", _ style: Style = .plain) {
        pieces = [Piece(text: text, style: style)]
    }

    init(_ pieces: [(String, Style)]) {
        self.pieces = pieces.map { Piece(text: $0.0, style: $0.1) }
    }

    var count: Int { pieces.reduce(0) { $0 + $1.text.count } }

    /// The line for a terminal; control characters of foreign names are shown as `?`.
    func text(width: Int, isColoured: Bool) -> String {
        var room = width
        var result = ""
        for (index, piece) in pieces.enumerated() where room > 0 {
            let rest = pieces[index...].reduce(0) { $0 + $1.text.count }
            // The ellipsis belongs to the piece that reaches the edge.
            let isLast = rest > room && piece.text.count >= room
            let clean =
                TextTable.printable(piece.text).prefix(isLast ? room - 1 : piece.text.count)
                + (isLast ? "…" : "")
            room -= clean.count
            result +=
                isColoured && piece.style != .plain && !clean.isEmpty
                ? "\u{1B}[\(piece.style.rawValue)m\(clean)\u{1B}[0m" : clean
        }
        return result
    }
}
