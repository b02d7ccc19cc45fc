import ChaosModel
import JSON
import Testing

@Suite struct SystemDescriptionTests {
    static let full: JSONValue = [
        "name": "shop", "gateway": "http://127.0.0.1:20301", "proxy-api": "127.0.0.1:8474",
        "services": [["name": "payments", "pid": 42, "url": "http://127.0.0.1:1"]],
        "links": [
            [
                "name": "payments->payments-db", "protocol": "postgres",
                "listen": "127.0.0.1:1", "upstream": "unix:/x",
            ],
            ["name": "a->b", "protocol": "http"],
        ],
        "databases": [["service": "payments", "observer": "host=/tmp"], ["service": "orders"]],
        "mutants": ["retry-without-key"], "directory": "/tmp/shop",
    ]

    @Test func `a description survives JSON`() throws {
        let system = try SystemDescription(json: Self.full)
        #expect(system.json == Self.full)
        #expect(system.services.first?.pid == 42)
        #expect(system.links.first?.wireProtocol == .postgres)
        #expect(system.databases.last?.observer == nil)
    }

    @Test func `what is left out stays left out`() throws {
        let system = try SystemDescription(json: ["name": "x"])
        #expect(system.json == ["name": "x", "services": [], "links": [], "databases": []])
    }

    static let broken: [(JSONValue, String)] = [
        (5, "(name): \"name\" is missing"),
        (["name": 5], "(name): \"name\" is not a string"),
        (
            ["name": "x", "links": [["name": "l", "protocol": "ftp"]]],
            "(links[0].protocol): \"ftp\" is not a protocol of a link"
        ),
        (["name": "x", "services": ["payments"]], "(services): \"services\" is not an array of"),
        (
            ["name": "x", "services": [["name": "a"], ["pid": 1]]],
            "(services[1].name): \"name\" is missing"
        ),
        (
            ["name": "x", "services": [["name": "a", "pid": "1"]]],
            "(services[0].pid): \"pid\" is not a whole number"
        ),
        (["name": "x", "mutants": "m"], "(mutants): \"mutants\" is not an array of strings"),
    ]

    @Test(arguments: broken)
    func `a broken description says where`(_ json: JSONValue, _ message: String) {
        let problem = #expect(throws: Problem.self) { try SystemDescription(json: json) }
        #expect(problem?.text.contains(message) == true)
    }
}
