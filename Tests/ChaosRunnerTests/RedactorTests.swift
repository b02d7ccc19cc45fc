import JSON
import Testing

@testable import ChaosRunner

@Suite struct RedactorTests {
    @Test func `literal secrets vanish and their sources stay`() {
        let document: JSONValue = [
            "secrets": [
                "api": [
                    "token": "hunter2hunter2",
                    "other": ["type": "env", "key": "API_TOKEN", "default": "fallback-secret"],
                ]
            ],
            "method": [["url": "http://h/?t=hunter2hunter2"]],
        ]
        let shown = Redactor(document: document).document(document).serialized()
        #expect(!shown.contains("hunter2hunter2") && !shown.contains("fallback-secret"))
        #expect(shown.contains("API_TOKEN"))
        #expect(shown.contains("http://h/?t=(redacted)"))
    }

    @Test func `resolved secrets vanish from outputs and errors at any depth`() {
        let redactor = Redactor(document: nil, resolved: ["secret-value", "secret-value-long"])
        let value: JSONValue = ["a": [["b": "x secret-value-long y secret-value"], 1, true, nil]]
        #expect(
            redactor.value(value) == ["a": [["b": "x (redacted) y (redacted)"], 1, true, nil]]
        )
        #expect(redactor.text("secret-value") == "(redacted)")
    }

    @Test func `short values and documents without secrets are left alone`() {
        let redactor = Redactor(document: ["secrets": ["g": ["pin": "123"]]])
        #expect(redactor.text("123 and 1234") == "123 and 1234")
        let plain: JSONValue = ["title": "t"]
        #expect(Redactor(document: plain).document(plain) == plain)
    }
}
