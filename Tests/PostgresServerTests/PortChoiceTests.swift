import EventLoop
import Testing

@testable import PostgresServer

@Suite struct PortChoiceTests {
    @Test func `chosen ports are different, free and below the ephemeral range`() throws {
        var random = SystemRandomNumberGenerator()
        // A tenth is free: 2,000 tries miss it with a chance of 10⁻⁹¹.
        let free: Range<UInt16> = 29_000..<30_000
        let ports = try PortChoice.choose(1, using: &random) { free.contains($0) }
        #expect(ports.count == 1 && ports.allSatisfy(free.contains))
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
