import Glibc
import Testing

@testable import ChaosProxy

/// `docs/proxy-api.md` is written by hand; what it must name comes from the code.
struct ReferencePageTests {
    private func page() throws -> String {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let descriptor = unsafe open("/\(root)/docs/proxy-api.md", O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0, "docs/proxy-api.md is missing")
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe block.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress, buffer.count)
            }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += block[..<count]
        }
    }

    @Test
    func `the page of the API names every toxic with its attributes, unit of match and event`()
        throws
    {
        let lines = try page().split(separator: "\n").map(String.init)
        for type in ToxicRegistry.types {
            let row = lines.first { $0.hasPrefix("| `\(type.name)`") }
            #expect(row != nil, "\(type.name) has no row")
            for field in type.fields {
                #expect(row?.contains("`\(field.name)`") == true, "\(type.name): \(field.name)")
            }
        }
        let text = lines.joined(separator: "\n")
        for unit in MatchUnit.allCases { #expect(text.contains("| `\(unit.rawValue)` |")) }
        for kind in ProxyEvent.Kind.allCases { #expect(text.contains("`\(kind.rawValue)`")) }
        for name in ToxicMatch.names where name != "by" {
            #expect(text.contains("`\(name)`") || text.contains("\"\(name)\""), "match.\(name)")
        }
    }
}
