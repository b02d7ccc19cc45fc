package import ChaosModel
import JSON

/// The format of a GameDay's plan, `"chaos-gameday": 1`, as tables.
package enum GameDaySchema {
    /// The only version of the format so far.
    package static let version: Int64 = 1

    /// A time box is at most a day.
    private static let day = 86_400.0

    package static let plan = ObjectSchema(
        name: "gameday",
        summary: "A script for people who break a system together.",
        fields: [
            .required("chaos-gameday", .integer(1...1), "The version of this format: 1."),
            .required("title", .text, "What the day is about, in a few words."),
            .required("description", .text, "Why it is held and what is hoped to be learnt."),
            .optional("date", .text, "The day, as 2026-12-04."),
            .optional("tags", .list(.text), "Words to find it by."),
            .optional(
                "system",
                .text,
                "The system under test: \"shop\", \"shop-netns\" or the path of a system.json."
            ),
            .optional("roles", .list(.object(role)), "Who does what."),
            .optional("systems", .list(.object(system)), "What takes part, and who knows it."),
            .optional("communication", .list(.object(channel)), "Where one talks."),
            .optional("checks", .list(.object(check)), "Go or no-go: what must be true first."),
            .required("rounds", .list(.object(round)), "The rounds, in order."),
            .optional("abort-rules", .list(.object(rule)), "When the day ends early."),
        ]
    )

    static let role = ObjectSchema(
        name: "role",
        summary: "Who does what.",
        fields: [
            .required("role", .text, "The role, such as conductor or scribe."),
            .required("person", .text, "Who has it."),
            .optional("duty", .text, "What is expected."),
        ]
    )

    static let system = ObjectSchema(
        name: "system",
        summary: "A system that takes part.",
        fields: [
            .required("name", .text, "Its name."),
            .optional("owner", .text, "Who is called when it breaks."),
            .optional("link", .text, "Where its state can be seen."),
        ]
    )

    static let channel = ObjectSchema(
        name: "channel",
        summary: "A place to talk.",
        fields: [
            .required("channel", .text, "Where."),
            .required("purpose", .text, "What is said there."),
        ]
    )

    /// A probe of the check, or a question.
    static let check = ObjectSchema(
        name: "check",
        summary: "Something that must be true before the first round.",
        fields: probeFields + [.optional("ask", .text, "The question that a person answers.")]
    )

    static let round = ObjectSchema(
        name: "round",
        summary: "An experiment, or a step that people carry out.",
        fields: [
            .required("title", .text, "What is tried, in a few words."),
            .optional("experiment", .text, "The path of an experiment, from this file."),
            .optional("manual", .text, "What people do, when it is no experiment."),
            .optional("hypothesis", .text, "What is believed to happen."),
            .optional("signals", .list(.text), "What should be seen, and where."),
            .optional("runbook", .text, "A link or path of what to do when it goes wrong."),
            .required("time-box", .duration(1...day), "It is stopped after this time."),
            .optional("seed", .integer(0...Int64.max), "Overrides the experiment's seed."),
        ]
    )

    static let rule = ObjectSchema(
        name: "abort rule",
        summary: "When the day ends early.",
        fields: probeFields + [
            .optional(
                "after",
                .list(.choice(RoundOutcome.allCases.map(\.rawValue))),
                "The day ends after a round that ended like one of these."
            ),
            .optional(
                "period",
                .duration(0.05...3600),
                "How often the probe is read.",
                default: "1s"
            ),
        ]
    )

    /// What an abort condition of an experiment has, all of it optional: a question needs nothing.
    private static let probeFields: [FieldSchema] = ExperimentSchema.abortCondition.fields
        .filter { !["ref", "period", "background", "controls", "pauses"].contains($0.name) }
        .map { field in
            field.name == "name"
                ? .required("name", .text, "What it says, in words.")
                : .optional(field.name, field.schema, field.summary)
        }
}
