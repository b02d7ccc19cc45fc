import EventLoop
import Glibc
import Testing

struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1:80"), ("[::1]:9", "[::1]:9"), (":7", "127.0.0.1:7"),
        ("localhost:0", "127.0.0.1:0"), ("unix:/tmp/x", "unix:/tmp/x"),
        ("0.0.0.0:65535", "0.0.0.0:65535"),
    ])
    func `addresses are read`(text: String, expected: String) throws {
        #expect(try SocketAddress(parsing: text).description == expected)
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", "1.2.3:80", "x:99999", "127.0.0.1:-1", "127.0.0.1: 80",
        "127.0.0.1:+80", "unix:/tmp/a\u{0}b",
        "[::1:80",
        "[]:80", "[127.0.0.1]:80", "::1:80", "example.org:80", "unix:", "127.0.0.1:80:80",
        "unix:" + String(repeating: "x", count: 108), "127.0.0.1\u{0}:80", "١٢٧.0.0.1:80",
    ])
    func `what is no address is refused with a reason`(text: String) {
        let error = #expect(throws: SocketAddress.ParsingError.self) {
            try SocketAddress(parsing: text)
        }
        #expect(error?.description.hasSuffix(".") == true)
    }

    @Test func `random changes of a good address are read or refused, never trapped`() {
        var generator = SplitMix(state: 3)
        let alphabet = Array("0123456789.:[]abunix/%\u{0}é")
        for _ in 0..<5000 {
            var text = Array("127.0.0.1:5432")
            for _ in 0..<(generator.next() % 4 + 1) {
                let index = Int(generator.next() % UInt64(text.count))
                text[index] = alphabet[Int(generator.next() % UInt64(alphabet.count))]
            }
            guard let address = try? SocketAddress(parsing: String(text)) else { continue }
            #expect((try? SocketAddress(parsing: address.description)) == address)
        }
    }
}

struct SystemErrorTests {
    @Test func `it names call, object, errno and remedy`() {
        let error = SystemError(call: "listening on", object: "127.0.0.1:80", code: EACCES)
        #expect(
            error.description == "listening on 127.0.0.1:80 failed: Permission denied (EACCES). "
                + "Check the permissions, or run as a user who has them."
        )
    }

    @Test func `a remedy of the caller replaces the usual one`() {
        let error = SystemError(call: "opening", object: "x", code: ENOENT, remedy: "Make it.")
        #expect(error.description.hasSuffix("(ENOENT). Make it."))
    }

    @Test func `an errno without a name is shown as a number`() {
        #expect(SystemError(call: "a", object: "b", code: EXDEV).description.contains("errno 18"))
    }
}
