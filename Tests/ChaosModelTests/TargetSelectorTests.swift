import ChaosModel
import JSON
import Testing

@Suite struct TargetSelectorTests {
    static let targets: [TargetSelector] = [
        .link("a->b"), .service("a"), .interface("eth0", namespace: nil),
        .interface("eth0", namespace: "orders"), .interface("lo", namespace: "/proc/1/ns/net"),
    ]

    @Test(arguments: targets)
    func `a target that was written is read again`(_ target: TargetSelector) {
        #expect(TargetSelector(json: target.json) == target)
    }

    @Test(arguments: [
        "{}", "{\"link\": \"a\", \"service\": \"a\"}", "{\"namespace\": \"a\"}",
        "{\"link\": \"a\", \"namespace\": \"b\"}", "{\"interface\": 1}", "\"eth0\"",
    ])
    func `what names not exactly one thing is no target`(_ text: String) throws {
        #expect(TargetSelector(json: try JSONValue.parse(Array(text.utf8))) == nil)
    }

    @Test func `names of interfaces and namespaces follow the kernel`() {
        for name in ["eth0", "a-b_c.d", "123456789012345"] {
            #expect(TargetSelector.isInterfaceName(name), "\(name)")
        }
        for name in ["", ".", "..", "a b", "a/b", "a:b", "1234567890123456"] {
            #expect(!TargetSelector.isInterfaceName(name), "\(name)")
        }
        #expect(TargetSelector.isNamespace("orders"))
        #expect(TargetSelector.isNamespace("/proc/4711/ns/net"))
        for name in ["", "/", "a/b"] { #expect(!TargetSelector.isNamespace(name), "\(name)") }
    }
}
