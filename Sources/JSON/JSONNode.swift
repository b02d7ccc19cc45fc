/// A value of a `JSONDocument` that knows where it stands.
package struct JSONNode: Sendable {
    /// The value with everything below it.
    package let value: JSONValue
    /// The way to it: `method[0].arguments.delay_ms`; `$` for the whole document.
    package let path: String
    /// The bytes of the document that it covers.
    package let range: Range<Int>
    /// The members of an object in document order, repeated names included; else empty.
    package let members: [Member]
    /// The elements of an array; else empty.
    package let elements: [JSONNode]

    /// A member of an object.
    package struct Member: Sendable {
        package let name: String
        /// The bytes of the name, quotes included.
        package let nameRange: Range<Int>
        package let node: JSONNode
    }

    /// The member of an object; of repeated names the last.
    package subscript(name: String) -> JSONNode? {
        members.last { $0.name == name }?.node
    }

    /// The element of an array, `nil` when out of bounds.
    package subscript(index: Int) -> JSONNode? {
        elements.indices.contains(index) ? elements[index] : nil
    }

    /// The path of a member of the node at `path`.
    package static func path(_ path: String, member name: String) -> String {
        let isPlain =
            !name.isEmpty
            && name.utf8.allSatisfy {
                ($0 < 0x80 && JSONScanner.isWordByte($0)) || $0 == UInt8(ascii: "-")
            }
        if isPlain { return path == "$" ? name : "\(path).\(name)" }
        var bytes: [UInt8] = []
        JSONWriter.write(name, into: &bytes)
        return "\(path)[\(String(decoding: bytes, as: UTF8.self))]"
    }

    /// The path of an element of the node at `path`.
    package static func path(_ path: String, element index: Int) -> String {
        "\(path)[\(index)]"
    }
}
