package import JSON

/// What one member of an experiment file may hold.
///
/// The tables made of these drive both the validation with positions and the published JSON Schema.
package indirect enum ValueSchema: Sendable {
    /// A string that is not empty.
    case text
    case boolean
    case integer(ClosedRange<Int64>)
    /// A string with a unit, or a number of seconds; the range in seconds.
    case duration(ClosedRange<Double>)
    /// A string such as `100/s`, or a number per second.
    case rate(ClosedRange<Double>)
    /// A string such as `10%`, or a number from 0 to 1.
    case share
    case choice([String])
    case list(ValueSchema)
    case object(ObjectSchema)
    /// An object with any members.
    case map
    /// An object whose members are objects.
    case groups
    /// One of our bounds or one of the Chaos Toolkit's forms.
    case tolerance
    /// `{"link": …}`, `{"service": …}` or `{"interface": …}`.
    case target
    /// A target that may stand for several instances, of which some are picked.
    case pickedTarget
    /// Numbers of instances by the names of services.
    case replicas
    /// A plugin's function, or one of the Chaos Toolkit's providers.
    case provider
    /// Seconds, a duration, or `${name}`.
    case pause
    case any
}

/// An object of the format: its members by name.
package struct ObjectSchema: Sendable {
    /// Its name in the JSON Schema: `step`.
    package let name: String
    package let summary: String
    package let fields: [FieldSchema]

    package init(name: String, summary: String, fields: [FieldSchema]) {
        self.name = name
        self.summary = summary
        self.fields = fields
    }

    package func field(_ name: String) -> FieldSchema? {
        fields.first { $0.name == name }
    }
}

/// A member of an object of the format.
package struct FieldSchema: Sendable {
    package let name: String
    package let schema: ValueSchema
    package let summary: String
    package let isRequired: Bool
    package let defaultValue: JSONValue?

    package static func required(
        _ name: String,
        _ schema: ValueSchema,
        _ summary: String
    ) -> FieldSchema {
        FieldSchema(
            name: name,
            schema: schema,
            summary: summary,
            isRequired: true,
            defaultValue: nil
        )
    }

    package static func optional(
        _ name: String,
        _ schema: ValueSchema,
        _ summary: String,
        default value: JSONValue? = nil
    ) -> FieldSchema {
        FieldSchema(
            name: name,
            schema: schema,
            summary: summary,
            isRequired: false,
            defaultValue: value
        )
    }
}
