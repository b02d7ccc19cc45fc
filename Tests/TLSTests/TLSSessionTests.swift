import Glibc
import Testing

@testable import TLS

/// Two sessions joined by buffers.
final class SessionPair {
    let client: TLSSession
    let server: TLSSession

    init(client: TLSContext, server: TLSContext) throws {
        self.client = try TLSSession(context: client, serverName: "db.example")
        self.server = try TLSSession(context: server)
    }

    /// Moves ciphertext both ways until there is none; returns how much.
    @discardableResult
    func pass() -> Int {
        pass(from: client, to: server) + pass(from: server, to: client)
    }

    private func pass(from: TLSSession, to: TLSSession) -> Int {
        var total = 0
        unsafe withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
            while true {
                let count = unsafe from.take(into: buffer)
                guard count > 0 else { return }
                unsafe to.feed(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                total += count
            }
        }
        return total
    }

    /// Reads once from each until both have agreed, or one said something else than that it waits.
    func agree() -> [TLSSession.Outcome] {
        var outcomes: [TLSSession.Outcome] = []
        for _ in 0..<10 {
            for session in [client, server] {
                let (outcome, _) = session.read(upTo: 10)
                if outcome != .wantsInput { outcomes.append(outcome) }
            }
            if pass() == 0 { break }
        }
        return outcomes
    }
}

extension TLSSession {
    func read(upTo count: Int) -> (Outcome, [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: count)
        let outcome = unsafe bytes.withUnsafeMutableBytes { unsafe read(into: $0) }
        guard case .moved(let count) = outcome else { return (outcome, []) }
        return (outcome, Array(bytes[..<count]))
    }

    func write(_ bytes: [UInt8]) -> Outcome {
        unsafe bytes.withUnsafeBytes { unsafe write($0) }
    }
}

struct TLSSessionTests {
    private func pair(checkedName: String? = nil) throws -> SessionPair {
        let certificate = try SelfSignedCertificate(name: "db.example")
        return try SessionPair(
            client: try .client(checkedName: checkedName),
            server: try .server(selfSigned: certificate)
        )
    }

    @Test
    func `both sides agree on TLS 1.3 and plaintext passes in order`() throws {
        let pair = try pair()
        #expect(pair.client.write([1]) == .wantsInput)
        #expect(pair.agree() == [])
        #expect(pair.client.isEstablished)
        #expect(pair.server.isEstablished)
        #expect(pair.server.version == "TLSv1.3")
        let text = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(pair.client.write(text) == .moved(text.count))
        pair.pass()
        var read: [UInt8] = []
        while case (.moved, let part) = pair.server.read(upTo: 70_000) { read += part }
        #expect(read == text)
        #expect(pair.client.outputCount == 0)
    }

    @Test
    func `a goodbye ends reading on the other side and leaves the other direction open`() throws {
        let pair = try pair()
        _ = pair.agree()
        _ = pair.client.write([1, 2, 3])
        pair.client.end()
        pair.pass()
        #expect(pair.server.read(upTo: 10) == (.moved(3), [1, 2, 3]))
        #expect(pair.server.read(upTo: 10).0 == .ended)
        #expect(pair.server.write([4]) == .moved(1))
        pair.pass()
        #expect(pair.client.read(upTo: 10) == (.moved(1), [4]))
    }

    @Test
    func `a certificate of nobody known is refused when a name is checked`() throws {
        let pair = try pair(checkedName: "db.example")
        guard case .failed(let error)? = pair.agree().first else {
            Issue.record("the handshake went through")
            return
        }
        #expect(
            error.description
                == "The TLS handshake failed: self-signed certificate. "
                + "Give the authority that signed the certificate."
        )
    }

    @Test
    func `a known certificate is taken for its name and for no other`() throws {
        let certificate = try SelfSignedCertificate(name: "db.example")
        let folder = try TestFolder()
        try folder.write("ca.pem", certificate.certificatePEM)
        for (name, isTaken) in [("db.example", true), ("other.example", false)] {
            let pair = try SessionPair(
                client: try .client(checkedName: name, authorityFile: folder.path("ca.pem")),
                server: try .server(selfSigned: certificate)
            )
            #expect(pair.agree().isEmpty == isTaken, "\(name)")
        }
    }

    @Test
    func `a certificate and its key are read from files`() throws {
        let certificate = try SelfSignedCertificate(name: "127.0.0.1")
        let folder = try TestFolder()
        try folder.write("cert.pem", certificate.certificatePEM)
        try folder.write("key.pem", certificate.keyPEM)
        let pair = try SessionPair(
            client: try .client(
                checkedName: "127.0.0.1",
                authorityFile: folder.path("cert.pem")
            ),
            server: try .server(
                certificateFile: folder.path("cert.pem"),
                keyFile: folder.path("key.pem")
            )
        )
        #expect(pair.agree() == [])
        #expect(pair.server.isEstablished)
    }

    @Test
    func `a missing file, a file without a certificate and a foreign key are told by name`() throws
    {
        let folder = try TestFolder()
        try folder.write("cert.pem", try SelfSignedCertificate(name: "a").certificatePEM)
        try folder.write("other.pem", try SelfSignedCertificate(name: "b").keyPEM)
        try folder.write("text.pem", Array("no certificate".utf8))
        for (certificate, key, named) in [
            ("none.pem", "other.pem", "none.pem"), ("text.pem", "other.pem", "text.pem"),
            ("cert.pem", "other.pem", "other.pem"),
        ] {
            do throws(TLSError) {
                _ = try TLSContext.server(
                    certificateFile: folder.path(certificate),
                    keyFile: folder.path(key)
                )
                Issue.record("\(certificate) and \(key) were taken")
            } catch {
                #expect(error.description.contains(named))
            }
        }
    }

    @Test
    func `what is no TLS fails the handshake and stays failed`() throws {
        let pair = try pair()
        let request = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        unsafe request.withUnsafeBytes { unsafe pair.server.feed($0) }
        guard case (.failed, _) = pair.server.read(upTo: 10) else {
            Issue.record("the handshake goes on")
            return
        }
        #expect(pair.server.read(upTo: 10).0 == .ended)
        #expect(pair.server.write([1]) == .ended)
    }
}

/// A folder that is gone after the test.
final class TestFolder {
    private let directory: String
    private var names: [String] = []

    init() throws {
        directory = "/tmp/chaos-tls-\(getpid())-\(UInt64.random(in: .min ... .max))"
        try #require(unsafe mkdir(directory, 0o700) == 0)
    }

    deinit {
        for name in names { unsafe unlink(path(name)) }
        unsafe rmdir(directory)
    }

    func path(_ name: String) -> String { directory + "/" + name }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let descriptor = unsafe open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        names.append(name)
        let count = unsafe bytes.withUnsafeBytes { bytes in
            unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
        try #require(count == bytes.count)
    }
}
