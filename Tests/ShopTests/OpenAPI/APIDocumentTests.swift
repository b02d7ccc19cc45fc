import JSON
import LinuxSystem
import ShopCore
import Testing

@testable import ShopReconciler

/// The OpenAPI documents by themselves.
@Suite struct APIDocumentTests {
    private static let root = (1...4).reduce(#filePath) { path, _ in SystemFiles.parent(of: path) }
    private static let isRegenerating = Environment.get("REGENERATE") != nil

    @Test(arguments: ShopRole.allCases)
    func `the published document is what the tables say`(role: ShopRole) throws {
        let path = "\(Self.root)/docs/reference/openapi/\(role.rawValue).json"
        let generated = ShopAPI.document(of: role).serialized(pretty: true) + "\n"
        if Self.isRegenerating {
            let folder = SystemFiles.parent(of: path)
            try SystemFiles.createDirectory(folder, mode: 0o755, parents: true)
            try SystemFiles.writeAtomically(path, Array(generated.utf8), mode: 0o644)
        }
        let published = String(decoding: try SystemFiles.read(path), as: UTF8.self)
        #expect(published == generated, "stale: run REGENERATE=1 swift test")
    }

    @Test(arguments: ShopRole.allCases)
    func `references lead somewhere, and no component is left over`(role: ShopRole) {
        let document = ShopAPI.document(of: role)
        let check = SchemaCheck(document: document)
        let references = Set(Self.members("$ref", of: document).compactMap(\.stringValue))
        for reference in references {
            #expect(check.target(of: reference) != nil, "\(reference)")
        }
        for section in document["components"]?.objectValue?.members ?? []
        where section.name != "securitySchemes" {
            for name in section.value.objectValue?.names ?? [] {
                #expect(references.contains("#/components/\(section.name)/\(name)"))
            }
        }
    }

    @Test(arguments: ShopRole.allCases)
    func `operations have names of their own, and all their path's parameters`(role: ShopRole) {
        let reader = DocumentReader(ShopAPI.document(of: role))
        let names = reader.operations.compactMap { $0.json["operationId"]?.stringValue }
        #expect(names.count == reader.operations.count)
        #expect(Set(names).count == names.count)
        for operation in reader.operations {
            let open = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }
                .map { String($0.dropFirst().dropLast()) }
            let documented = reader.parameters(operation, in: "path")
            #expect(documented.compactMap { $0["name"]?.stringValue } == open, "\(operation.name)")
            #expect(documented.allSatisfy { $0["required"] == true })
            #expect(operation.json["summary"]?.stringValue?.isEmpty == false)
        }
    }

    @Test(arguments: ShopRole.allCases)
    func `schemas are written with the words that the check knows`(role: ShopRole) {
        let document = ShopAPI.document(of: role)
        var schemas = document["components"]?["schemas"]?.objectValue?.members.map(\.value) ?? []
        schemas += Self.members("schema", of: document)
        while let schema = schemas.popLast() {
            let names = Set(schema.objectValue?.names ?? [])
            #expect(names.isSubset(of: SchemaCheck.words), "\(schema)")
            if let format = schema["format"]?.stringValue {
                #expect(SchemaCheck.formats.contains(format))
            }
            schemas += schema["properties"]?.objectValue?.members.map(\.value) ?? []
            schemas += schema["oneOf"]?.arrayValue ?? []
            schemas += [schema["items"], schema["additionalProperties"]].compactMap(\.self)
        }
    }

    @Test func `kinds and rules of conflicts are the reconciler's`() throws {
        let document = ShopAPI.document(of: .reconciler)
        let members = document["components"]?["schemas"]?["Conflict"]?["properties"]
        let kinds = Finding.Kind.allCases.map { JSONValue.string($0.rawValue) }
        #expect(members?["kind"]?["enum"] == .array(kinds))
        let rules: [Finding.Rule] = [
            .askProcessor(key: ""), .releaseHold, .confirmHold, .rewriteView,
        ]
        #expect(members?["rule"]?["enum"] == .array(rules.map { .string($0.name) }))
    }

    /// The values of all members of a name, anywhere.
    private static func members(_ name: String, of value: JSONValue) -> [JSONValue] {
        switch value {
        case .array(let elements): elements.flatMap { members(name, of: $0) }
        case .object(let object):
            object.members.flatMap { member in
                (member.name == name ? [member.value] : []) + members(name, of: member.value)
            }
        default: []
        }
    }
}

/// The check that the documents are held with.
@Suite struct SchemaCheckTests {
    private static let schema: JSONValue = [
        "type": "object", "required": ["id", "count"],
        "properties": [
            "id": ["type": "string", "format": "uuid"],
            "count": ["type": "integer", "minimum": 1, "maximum": 9],
            "at": ["type": ["string", "null"], "format": "date-time"],
            "kind": ["enum": ["a", "b"]],
            "name": ["type": "string", "minLength": 1, "maxLength": 3, "pattern": "^[a-z]*$"],
            "list": ["type": "array", "maxItems": 1, "items": ["$ref": "#/one"]],
            "map": ["type": "object", "additionalProperties": ["type": "boolean"]],
        ],
    ]
    private static let document: JSONValue = [
        "one": [
            "oneOf": [
                ["type": "string"], ["type": "integer", "maximum": 5],
                ["type": "integer", "minimum": 5],
            ]
        ]
    ]

    private static func problems(_ more: JSONObject) -> [String] {
        var value: JSONObject = ["id": "3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a90", "count": 1]
        for member in more.members { value[member.name] = member.value }
        return SchemaCheck(document: document).problems(.object(value), schema)
    }

    @Test(
        arguments: [
            [:], ["at": nil, "kind": "a"],
            ["at": "2026-01-01T00:00:00.123456+00:00", "name": "abc"],
            ["list": ["x"]], ["list": [4]], ["map": ["any": true]],
        ] as [JSONObject]
    )
    func `what fits is taken`(more: JSONObject) {
        #expect(Self.problems(more) == [])
    }

    @Test(
        arguments: [
            ["id": "7"], ["id": 7], ["count": 0], ["count": 10], ["count": 1.5], ["at": "today"],
            ["kind": "c"], ["name": ""], ["name": "abcd"], ["name": "A"], ["list": [true]],
            ["list": [5]], ["list": ["x", "y"]], ["list": [:]], ["map": ["any": 1]], ["other": 1],
        ] as [JSONObject]
    )
    func `what does not fit is refused`(more: JSONObject) {
        #expect(Self.problems(more).count == 1)
    }

    @Test func `what is missing is named`() {
        let check = SchemaCheck(document: Self.document)
        #expect(check.problems(["id": nil], Self.schema).contains("$.count: missing"))
    }
}
