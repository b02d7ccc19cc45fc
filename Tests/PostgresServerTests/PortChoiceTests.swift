import EventLoop
import Testing

@testable import PostgresServer

@Suite struct PortChoiceTests {
    @Test func `chosen ports are different, free and below the ephemeral range`() throws {
        var random = SystemRandomNumberGenerator()
        let taken = Set<UInt16>(20_000..<29_990)
        let ports = try PortChoice.choose(1, using: &random) { !taken.contains($0) }
        #expect(ports.allSatisfy { (29_990..<30_000).contains($0) })
        let many = try PortChoice.choose(100, using: &random) { _ in true }
        #expect(Set(many).count == 100)
        #expect(many.allSatisfy { PortChoice.range.contains($0) && $0 < 32_768 })
    }

    @Test func `no free port is an error, not a hang`() {
        var random = SystemRandomNumberGenerator()
        #expect(throws: PostgresServerError.self) {
            _ = try PortChoice.choose(1, using: &random) { _ in false }
        }
    }
}
