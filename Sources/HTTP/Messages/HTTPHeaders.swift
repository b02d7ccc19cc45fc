/// The fields of a message, in the order in which they were written.
///
/// Names are compared without regard to ASCII case and without making lower-case copies.
package struct HTTPHeaders: Sendable, Equatable {
    /// The fields in wire order.
    package private(set) var fields: [Field]

    /// A field name with one value.
    package struct Field: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(_ fields: [Field] = []) {
        self.fields = fields
    }

    /// The first value of a field; setting replaces every field of that name, `nil` removes them.
    package subscript(name: String) -> String? {
        get {
            for field in fields where Self.areEqual(field.name, name) { return field.value }
            return nil
        }
        set {
            remove(name)
            if let newValue { append(name, newValue) }
        }
    }

    /// Adds a field behind those that are there, also when the name occurs already.
    package mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Removes every field of this name.
    package mutating func remove(_ name: String) {
        fields.removeAll { Self.areEqual($0.name, name) }
    }

    /// Every value of a field, in order.
    package func values(_ name: String) -> [String] {
        fields.filter { Self.areEqual($0.name, name) }.map(\.value)
    }

    /// Whether a comma-separated field such as `Connection` lists a token, ASCII case ignored.
    package func hasToken(_ token: String, in name: String) -> Bool {
        for field in fields where Self.areEqual(field.name, name) {
            if Self.areEqual(field.value, token) { return true }
            for part in field.value.utf8.split(separator: UInt8(ascii: ","))
            where Self.areEqual(Self.trimmed(part), token) {
                return true
            }
        }
        return false
    }

    package var isEmpty: Bool { fields.isEmpty }
    package var count: Int { fields.count }

    /// Room for as many fields without another allocation.
    package mutating func reserveCapacity(_ count: Int) {
        fields.reserveCapacity(count)
    }

    /// Whether two strings are equal when ASCII letters are compared without their case.
    package static func areEqual(_ a: some StringProtocol, _ b: some StringProtocol) -> Bool {
        guard a.utf8.count == b.utf8.count else { return false }
        var other = b.utf8.makeIterator()
        for byte in a.utf8 {
            guard let next = other.next(), lowered(byte) == lowered(next) else { return false }
        }
        return true
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }

    private static func trimmed(_ part: Substring.UTF8View) -> Substring {
        var slice = Substring(part)
        while slice.first == " " || slice.first == "\t" { slice.removeFirst() }
        while slice.last == " " || slice.last == "\t" { slice.removeLast() }
        return slice
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { Field(name: $0.0, value: $0.1) })
    }
}
