/// The scenarios by the names that experiments use.
enum ScenarioRegistry {
    static let all: [String: any Scenario.Type] = [
        "checkout": CheckoutScenario.self,
        "http-get": HTTPGetScenario.self,
    ]
}
