import JSON

/// Our format, `"chaos": 1`, as tables.
package enum ExperimentSchema {
    /// The only version of the format so far.
    package static let version: Int64 = 1

    /// A run lasts at most a day.
    private static let day = 86_400.0

    package static let experiment = ObjectSchema(
        name: "experiment",
        summary: "A hypothesis, the method that tries to break it, and the limits of the harm.",
        fields: [
            .required("chaos", .integer(1...1), "The version of this format: 1."),
            .required("title", .text, "What is tried, in a few words."),
            .required(
                "description",
                .text,
                "Why, and what is expected; opens with one sentence that can turn out false."
            ),
            .optional("tags", .list(.text), "Words to find it by."),
            .optional("version", .any, "The author's own version; ignored."),
            .optional("contributions", .map, "What it contributes to, for reports."),
            .optional(
                "configuration",
                .map,
                "Values for ${name}: literals or {\"type\": \"env\"}."
            ),
            .optional("secrets", .groups, "Groups of values that are never printed."),
            .optional(
                "system",
                .text,
                "The system under test: \"shop\" (bundled; \"shop-netns\" in a network of its own)"
                    + " or the path of a system.json."
            ),
            .optional(
                "replicas",
                .replicas,
                "How many instances of services of the bundled shop run, such as {\"payments\": 2}."
            ),
            .optional(
                "disks",
                .map,
                "Small file systems for databases of the bundled shop (root): {\"payments\":"
                    + " \"256MiB\"}."
            ),
            .optional(
                "broker",
                .choice(["postgres", "rabbitmq", "rabbitmq:3"]),
                "What carries the bundled shop's events; rabbitmq:3 is a cluster of three."
            ),
            .optional("seed", .integer(0...Int64.max), "Decides every random choice of the run."),
            .optional("load", .object(load), "The traffic that runs meanwhile."),
            .optional(
                "steady-state-hypothesis",
                .object(hypothesis),
                "What must be true before, meanwhile and after."
            ),
            .required("method", .list(.object(step)), "The steps, in order; may be empty."),
            .optional("rollbacks", .list(.object(step)), "Steps that run at the end in any case."),
            .optional("blast-radius", .object(blastRadius), "Limits that the plan may not leave."),
            .optional("abort-when", .list(.object(abortCondition)), "Probes that stop the run."),
            .optional("runtime", .object(runtime), "The Chaos Toolkit's strategies."),
            .optional("controls", .list(.map), "The Chaos Toolkit's controls; not run here."),
            .optional("extensions", .list(.map), "Extensions of other tools."),
        ]
    )

    static let load = ObjectSchema(
        name: "load",
        summary: "Traffic in an open loop: arrivals do not wait for answers.",
        fields: [
            .optional("scenario", .text, "What one arrival does.", default: "checkout"),
            .required("rate", .rate(0.1...20_000), "Arrivals per second, such as \"100/s\"."),
            .optional(
                "arrivals",
                .choice(LoadProfile.Arrivals.allCases.map(\.rawValue)),
                "How arrivals are spread.",
                default: "poisson"
            ),
            .optional(
                "warm-up",
                .duration(0...day),
                "Traffic before anything is counted.",
                default: "3s"
            ),
            .optional(
                "baseline",
                .duration(0...day),
                "Undisturbed traffic over which `before` is judged.",
                default: "10s"
            ),
            .optional(
                "after",
                .duration(0...day),
                "Traffic after the last fault over which `after` is judged.",
                default: "5s"
            ),
            .optional(
                "timeout",
                .duration(0.001...day),
                "A client gives up on an operation after this time.",
                default: "30s"
            ),
            .optional(
                "mix",
                .object(mix),
                "Clients that are out of the ordinary; by default none."
            ),
        ]
    )

    static let mix = ObjectSchema(
        name: "mix",
        summary: "Which shares of the arrivals do something out of the ordinary.",
        fields: [
            .optional("declined", .share, "Their card is declined.", default: "0%"),
            .optional("rare", .share, "They want an article that is soon sold out.", default: "0%"),
            .optional("doubled", .share, "They send their order twice at a time.", default: "0%"),
            .optional("repeated", .share, "They send it once more at the end.", default: "0%"),
            .optional(
                "altered",
                .share,
                "They send another order with the same key at the end.",
                default: "0%"
            ),
            .optional(
                "reading",
                .share,
                "They read their order once more at the end.",
                default: "0%"
            ),
        ]
    )

    static let hypothesis = ObjectSchema(
        name: "hypothesis",
        summary: "The steady state: probes with tolerances.",
        fields: [
            .required("title", .text, "The steady state in words."),
            .optional(
                "strategy",
                .choice(HypothesisStrategy.allCases.map(\.rawValue)),
                "When it is judged.",
                default: "default"
            ),
            .optional(
                "frequency",
                .duration(0.01...day),
                "How often probes are read while the method runs.",
                default: "2s"
            ),
            .optional(
                "recovers-within",
                .duration(0...day),
                "The steady state must be back this long after the last fault; else at once."
            ),
            .optional("probes", .list(.object(hypothesisProbe)), "The probes, in order."),
        ]
    )

    /// What every step has.
    private static let stepFields: [FieldSchema] = [
        .optional("ref", .text, "The name of a step to use here instead of describing one."),
        .required("type", .choice(["probe", "action"]), "Reads the system, or changes it."),
        .required("name", .text, "What it does, in words."),
        .required("provider", .provider, "Who does it."),
        .optional("description", .any, "For readers; ignored."),
        .optional("timeout", .duration(0...day), "The step fails after this time."),
        .optional("controls", .list(.map), "The Chaos Toolkit's controls; not run here."),
        .optional("background", .boolean, "Do not wait for its end.", default: false),
        .optional("pauses", .object(pauses), "Waits around the step."),
    ]

    static let step = ObjectSchema(
        name: "step",
        summary: "A probe or an action of the method or the rollbacks.",
        fields: stepFields + [
            .optional("tolerance", .tolerance, "The test that a probe's value must pass."),
            .optional("duration", .duration(0.001...day), "How long a fault stays in effect."),
            .optional("target", .pickedTarget, "What a fault hits."),
            .optional("effect", .object(effect), "How much a fault must have done to count."),
        ]
    )

    static let hypothesisProbe = ObjectSchema(
        name: "hypothesis-probe",
        summary: "A probe whose value must pass a test.",
        fields: stepFields + [
            .required("tolerance", .tolerance, "The test that its value must pass."),
            .optional(
                "phases",
                .list(.choice(ProbePhase.allCases.map(\.rawValue))),
                "When it is read; else when its plugin says."
            ),
            .optional("target", .target, "What it looks at."),
        ]
    )

    package static let abortCondition = ObjectSchema(
        name: "abort-condition",
        summary: "A probe that stops the run when its tolerance is met.",
        fields: stepFields.map { field in
            // Only probes stand here, so the type may be left out.
            field.name == "type"
                ? .optional("type", .choice(["probe"]), field.summary, default: "probe") : field
        } + [
            .required("tolerance", .tolerance, "The run stops when this is met."),
            .optional("target", .target, "What it looks at."),
            .optional("period", .duration(0.05...3600), "How often it is read.", default: "1s"),
        ]
    )

    static let pauses = ObjectSchema(
        name: "pauses",
        summary: "Waits around a step, as seconds or with a unit.",
        fields: [
            .optional("before", .pause, "Wait before the step."),
            .optional("after", .pause, "Wait after the step."),
        ]
    )

    static let effect = ObjectSchema(
        name: "effect",
        summary: "The proof that a fault must give.",
        fields: [
            .required("at-least", .integer(1...1_000_000_000), "The least number of hits.")
        ]
    )

    static let blastRadius = ObjectSchema(
        name: "blast-radius",
        summary: "Limits that the plan may not leave.",
        fields: [
            .optional(
                "max-duration",
                .duration(0.001...day),
                "The longest time that any fault may last.",
                default: "10m"
            ),
            .optional(
                "targets",
                .list(.target),
                "What may be hit; else what the method names."
            ),
        ]
    )

    static let runtime = ObjectSchema(
        name: "runtime",
        summary: "The Chaos Toolkit's strategies.",
        fields: [
            .optional("hypothesis", .map, "{\"strategy\": …}"),
            .optional("rollbacks", .map, "{\"strategy\": …}"),
            .optional("python", .map, "What Python needs; ignored here."),
        ]
    )

    static let provider = ObjectSchema(
        name: "provider",
        summary: "A plugin's function with its arguments.",
        fields: [
            .required("type", .text, "The plugin's name."),
            .required("func", .text, "The plugin's function."),
            .optional("arguments", .map, "Its arguments, units included."),
            .optional("secrets", .list(.text), "Groups of secrets that it may use."),
        ]
    )
}
