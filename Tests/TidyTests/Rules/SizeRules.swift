/// Files, functions and lines that fit a reader.
enum SizeRules {
    static let fileMax = 500
    static let functionMax = 70
    static let columnsMax = 100

    static func all(_ text: SwiftText) -> [Finding] {
        file(text) + functions(text) + columns(text)
    }

    static func file(_ text: SwiftText) -> [Finding] {
        let count = text.lines.last == "" ? text.lines.count - 1 : text.lines.count
        guard count > fileMax else { return [] }
        return [
            Finding(
                text.path,
                "\(count) lines in one file, \(fileMax) is the wall",
                remedy: "Split it by idea; a second aspect of a type goes to Type+Aspect.swift."
            )
        ]
    }

    static func functions(_ text: SwiftText) -> [Finding] {
        FunctionExtent.all(in: text).filter { $0.lines > functionMax }.map { function in
            Finding(
                text.path,
                function.line,
                "\(function.name) takes \(function.lines) lines, \(functionMax) is the wall",
                remedy: "Keep the branching here and move straight work into functions below it."
            )
        }
    }

    static func columns(_ text: SwiftText) -> [Finding] {
        text.lines.enumerated().compactMap { index, line in
            guard line.utf8.count > columnsMax, line.count > columnsMax else { return nil }
            guard !text.dataLines.contains(index) else { return nil }
            return Finding(
                text.path,
                index + 1,
                "\(line.count) columns, \(columnsMax) is the wall",
                remedy: "Break the line; swift format leaves comments and literals to you."
            )
        }
    }
}
