/// A JSON file as a tree of values that know where they stand.
package struct JSONDocument: Sendable {
    /// The file's name as the user gave it; only for messages.
    package let file: String
    package let bytes: [UInt8]
    /// The whole value; `nil` when the text is not JSON.
    package let root: JSONNode?
    /// What is wrong with the text: the mistake that stopped the reader, or the repeated names.
    package let problems: [JSONError]
    /// The offset of the first byte of each line.
    private let lineStarts: [Int]

    package init(file: String, bytes: [UInt8], limits: JSONLimits = .standard) {
        self.file = file
        self.bytes = bytes
        var reader = JSONNodeReader(bytes, limits: limits)
        do throws(JSONError) {
            root = try reader.document()
            problems = reader.repeatedNames
        } catch {
            root = nil
            problems = reader.repeatedNames + [error]
        }
        lineStarts = [0] + bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
    }

    /// The node at a path as `JSONNode.path` writes it; `nil` when there is none.
    package func node(at path: String) -> JSONNode? {
        var node = root
        while let current = node, current.path != path {
            let below = current.members.reversed().map(\.node) + current.elements
            node = below.first { path.isAt(orBelow: $0.path) }
        }
        return node
    }

    /// Line and column, from 1, of a byte; columns count Unicode scalars.
    package func location(of offset: Int) -> (line: Int, column: Int) {
        let offset = min(max(offset, 0), bytes.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        let column = TextPosition.column(of: offset, lineStart: lineStarts[low], in: bytes)
        return (low + 1, column)
    }

    /// Line and column of a node's first character.
    package func location(of node: JSONNode) -> (line: Int, column: Int) {
        location(of: node.range.lowerBound)
    }

    /// The text of a line, counted from 1, without its end; empty when there is no such line.
    package func lineText(_ line: Int) -> String {
        guard line >= 1, line <= lineStarts.count else { return "" }
        let end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
        var text = bytes[lineStarts[line - 1]..<end]
        if text.last == 0x0D { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }
}

extension String {
    /// Whether this path is `other` or leads through it.
    fileprivate func isAt(orBelow other: String) -> Bool {
        guard hasPrefix(other) else { return false }
        guard let next = utf8.dropFirst(other.utf8.count).first else { return true }
        return next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
    }
}
