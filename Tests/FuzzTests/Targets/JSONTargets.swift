import ChaosModel
import JSON

@testable import ChaosProxy

extension FuzzTarget {
    private static let words = [
        "{", "}", "[", "]", "[[[[[[[[", "{\"a\":", "null", "true", "false", "\"", "\\", "\\u0000",
        "\\ud800", "\\udc00", "\\u", "\u{FF}", "1e999", "-", ".", ",", ":", "\"name\":",
        "\"type\":\"latency\"", "\"attributes\":{", "\"match\":{\"nth\":", "\"toxics\":[",
        "\"match\":{\"sql\":\"(a|b)*c\"}", "\"stream\":\"upstream\"", "\"toxicity\":",
    ].map { Array($0.utf8) }

    private static func bodies() throws -> [[UInt8]] {
        let deep = String(repeating: "[", count: 2_000) + String(repeating: "]", count: 2_000)
        let ours = [
            #"[{"name":"a","upstream":"b:1","listen":"c:2","enabled":null,"protocol":"postgres"}]"#,
            #"{"name":"p","upstream":"u:1","toxics":[{"type":"slicer","ttl":5,"seed":7}]}"#,
            #"{"type":"lose_commit_ack","match":{"every":5,"table":"charges"},"toxicity":0.5}"#,
            deep,
        ]
        return try Recording.lines("api/bodies.txt") + ours.map { Array($0.utf8) }
    }

    /// The reader of JSON: what is read is written and read alike, and mistakes lie in the text.
    static func json() throws -> FuzzTarget {
        let sources = try bodies()
        return FuzzTarget(name: "json") { mutator in
            var bytes = mutator.pick(sources)
            mutator.damage(&bytes, others: sources, words: words)
            let document = JSONDocument(file: "", bytes: bytes)
            for problem in document.problems {
                guard (0...bytes.count).contains(problem.offset) else {
                    return "a problem beyond the text: \(problem)"
                }
                _ = document.location(of: problem.offset)
            }
            guard let root = document.root else {
                return document.problems.isEmpty ? "no value and no problem" : nil
            }
            if let mistake = misplaced(root, within: 0..<bytes.count) { return mistake }
            let text = root.value.serialized()
            guard let again = try? JSONValue.parse(text) else {
                return "cannot be read again: \(text)"
            }
            return again == root.value ? nil : "reads differently again: \(text)"
        }
    }

    private static func misplaced(_ node: JSONNode, within range: Range<Int>) -> String? {
        guard range.contains(node.range) else { return "\(node.path) lies outside" }
        for child in node.elements + node.members.map(\.node) {
            if let mistake = misplaced(child, within: node.range) { return mistake }
        }
        return nil
    }

    /// The bodies of the API, as its operations read them: an answer or a mistake of the client.
    static func api() throws -> FuzzTarget {
        let sources = try bodies()
        return FuzzTarget(name: "api") { mutator in
            var bytes = mutator.pick(sources)
            mutator.damage(&bytes, others: sources, words: words)
            let type = ToxicRegistry.types[mutator.below(ToxicRegistry.types.count)]
            let body = bytes
            return [
                refusal { try readProxy(body) }, refusal { try readProxies(body) },
                refusal { try readToxic(body) }, refusal { try readChange(body, of: type) },
            ].compactMap(\.self).first
        }
    }

    /// What is wrong with the way in which a body is refused.
    private static func refusal(_ read: () throws -> Void) -> String? {
        do {
            try read()
            return nil
        } catch let error as ControlError where error.status == 400 && !error.message.isEmpty {
            return nil
        } catch {
            return "refused with \(error)"
        }
    }

    private static func readProxy(_ body: [UInt8]) throws {
        _ = try ProxyRequest(try RequestFields(body: body, as: .proxy))
    }

    private static func readProxies(_ body: [UInt8]) throws {
        _ = try ProxyRequest.list(try GoValue(firstIn: body))
    }

    private static func readToxic(_ body: [UInt8]) throws {
        let request = try ToxicRequest(try RequestFields(body: body, as: .toxic))
        let spoken = ToxicRegistry.type(named: request.type ?? "")?.protocols.first ?? .tcp
        _ = try Toxic(request, of: "p", spoken) { _ in false }
    }

    private static func readChange(_ body: [UInt8], of type: ToxicType) throws {
        let fields = try RequestFields(body: body, as: .toxicUpdate(of: type))
        _ = try ToxicRequest(update: fields, of: type)
    }
}
