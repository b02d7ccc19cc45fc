/// One place that breaks a rule of the house: where, what, and what to do.
struct Finding: Hashable, Comparable, CustomStringConvertible {
    /// From the project's folder on.
    var path: String
    /// From 1; `nil` when the whole file or its absence is meant.
    var line: Int?
    var what: String
    var remedy: String

    /// Something at a line.
    init(_ path: String, _ line: Int, _ what: String, remedy: String) {
        self.init(path, what, remedy: remedy)
        self.line = line
    }

    /// Something about the whole file, or its absence.
    init(_ path: String, _ what: String, remedy: String) {
        self.path = path
        self.what = what
        self.remedy = remedy
    }

    var description: String {
        let place = line.map { "\(path):\($0)" } ?? path
        return "\(place): \(what). \(remedy)"
    }

    static func < (left: Finding, right: Finding) -> Bool {
        (left.path, left.line ?? 0, left.what) < (right.path, right.line ?? 0, right.what)
    }
}
