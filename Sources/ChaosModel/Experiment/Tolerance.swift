package import JSON

/// The test that a probe's value must pass: the Chaos Toolkit's forms and our bounds with units.
package indirect enum Tolerance: Sendable, Hashable {
    /// Boolean, integer, string: equality in the Chaos Toolkit's sense.
    case equal(JSONValue)
    /// An array: membership, or an inclusive range when it has two elements and the value is no
    /// object with `status`.
    case oneOf([JSONValue])
    case regex(pattern: String, target: String?)
    case jsonPath(path: String, target: String?, expect: JSONValue?, count: JSONValue?)
    case range(low: JSONValue, high: JSONValue, target: String?)
    /// Another probe whose truthy output decides; the step is kept as its document.
    case probe(JSONObject)
    /// Ours (`"chaos": 1`): `{"at-least": "99%"}`, `{"at-most": "300ms"}`, or both. Converted to
    /// the unit of the probe's output.
    case bounds(atLeast: Quantity?, atMost: Quantity?)
}
