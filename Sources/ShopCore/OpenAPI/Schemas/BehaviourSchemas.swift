// How the processor is told to misbehave, and tells it.
extension APIComponents {
    static let behaviourSchemas: [(name: String, schema: APISchema)] = [
        (
            "BehaviourRequest",
            .object(
                "A way to misbehave: at least one of `delay_ms`, `fail` and `answers`.",
                [
                    APIField(
                        "for_ms",
                        .integer(
                            "It ends by itself after so many milliseconds.",
                            BehaviourRequest.leaseRange
                        )
                    )
                ] + rule(isRequest: true)
            )
        ),
        (
            "Lease",
            .object(
                "How long something is to last from now on.",
                [APIField("for_ms", .integer("Milliseconds.", BehaviourRequest.leaseRange))]
            )
        ),
        (
            "Behaviour",
            .object(
                "A way in which the processor misbehaves.",
                [
                    APIField("name", .text("Its name.")),
                    APIField("for_ms", .integer("Milliseconds until it ends by itself.")),
                    APIField("requests", .integer("Requests that it might have hit.")),
                    APIField("hits", .integer("Requests that it hit.")),
                ] + rule(isRequest: false)
            )
        ),
        (
            "Behaviours",
            .object(
                "How the processor misbehaves.",
                [
                    APIField(
                        "behaviours",
                        .list("In the order in which they were told.", of: .named("Behaviour"))
                    )
                ]
            )
        ),
    ]

    private static func rule(isRequest: Bool) -> [APIField] {
        [
            APIField(
                "delay_ms",
                .integer(
                    "The answer leaves so much later, in milliseconds.",
                    BehaviourRequest.delayRange
                ),
                isOptional: isRequest
            ),
            APIField(
                "fail",
                .choice(
                    "The answer is 500, `before` anything was done or `after` it was; the caller "
                        + "hears the same.",
                    BehaviourRequest.Failure.allCases.map(\.rawValue)
                ),
                isOptional: true
            ),
            APIField(
                "answers",
                .integer(
                    "How often the answer is sent on the connection.",
                    BehaviourRequest.answersRange
                ),
                isOptional: isRequest
            ),
            APIField(
                "share",
                .number("The share of the requests that are hit.", BehaviourRequest.shareRange),
                isOptional: isRequest
            ),
            APIField(
                "times",
                .integer("After so many hits it is spent.", BehaviourRequest.timesRange),
                isOptional: true
            ),
            APIField(
                "seed",
                .integer(
                    "Decides with the number of a request whether it is hit.",
                    Int64.min...Int64.max
                ),
                isOptional: isRequest
            ),
        ]
    }
}
