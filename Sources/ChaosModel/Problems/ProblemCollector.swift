package import JSON

/// Gathers the mistakes of one file with their positions.
package final class ProblemCollector {
    package let document: JSONDocument
    package private(set) var problems: [Problem] = []

    /// A file with more mistakes than this is not a file of the kind; the rest is dropped.
    package static let problemsMaximum = 500

    package init(document: JSONDocument) {
        self.document = document
        for error in document.problems {
            add(
                at: error.offset,
                path: document.root == nil ? "$" : Self.path(at: error.offset, document.root),
                error.message,
                error.remedy
            )
        }
    }

    /// Reports a mistake in a value.
    package func report(
        _ node: JSONNode,
        _ message: String,
        _ remedy: String,
        severity: Problem.Severity = .error,
        aspect: Problem.Aspect = .format
    ) {
        add(
            at: node.range.lowerBound,
            path: node.path,
            message,
            remedy,
            severity: severity,
            aspect: aspect
        )
    }

    /// Reports a mistake in the name of a member.
    package func report(
        name member: JSONNode.Member,
        _ message: String,
        _ remedy: String,
        severity: Problem.Severity = .error
    ) {
        add(
            at: member.nameRange.lowerBound,
            path: member.node.path,
            message,
            remedy,
            severity: severity
        )
    }

    /// Reports a mistake at a path; at its nearest parent when the path does not exist.
    package func report(
        path: String,
        _ message: String,
        _ remedy: String,
        severity: Problem.Severity = .error
    ) {
        var place = path
        while document.node(at: place) == nil,
            let cut = place.lastIndex(where: { ".[".contains($0) })
        {
            place = String(place[..<cut])
        }
        let node = document.node(at: place) ?? document.root
        add(
            at: node?.range.lowerBound ?? 0,
            path: path,
            message,
            remedy,
            severity: severity
        )
    }

    /// Reports a mistake in the name of the member at a path.
    package func report(namePath path: String, _ message: String, _ remedy: String) {
        guard let parent = document.root?.parent(of: path),
            let member = parent.members.first(where: { $0.node.path == path })
        else { return report(path: path, message, remedy) }
        report(name: member, message, remedy)
    }

    private func add(
        at offset: Int,
        path: String,
        _ message: String,
        _ remedy: String,
        severity: Problem.Severity = .error,
        aspect: Problem.Aspect = .format
    ) {
        guard problems.count < Self.problemsMaximum else { return }
        let (line, column) = document.location(of: offset)
        var problem = Problem(
            file: document.file,
            line: line,
            column: column,
            path: path,
            message: message,
            remedy: remedy,
            severity: severity
        )
        problem.aspect = aspect
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// The path of the member whose name stands at an offset.
    private static func path(at offset: Int, _ node: JSONNode?) -> String {
        guard let node else { return "$" }
        if let member = node.members.first(where: { $0.nameRange.contains(offset) }) {
            return member.node.path
        }
        let below = node.members.map(\.node) + node.elements
        return path(at: offset, below.first { $0.range.contains(offset) })
    }
}

extension JSONNode {
    /// The node below which the node at a path stands.
    fileprivate func parent(of path: String) -> JSONNode? {
        let below = members.map(\.node) + elements
        if below.contains(where: { $0.path == path }) { return self }
        return below.lazy.compactMap { $0.parent(of: path) }.first
    }
}
