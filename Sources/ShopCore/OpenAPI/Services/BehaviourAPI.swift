extension ShopAPI {
    static let behaviours: [APIOperation] = [
        APIOperation(
            "GET",
            "/behaviours",
            "listBehaviours",
            "Tell how this process misbehaves",
            [.json(200, "All that are in force.", .named("Behaviours"))]
        ),
        APIOperation(
            "PUT",
            "/behaviours/:name",
            "setBehaviour",
            "Misbehave towards requests that act",
            details: """
                It is this process's own, and a restart forgets it. Behaviours of several names \
                add up: delays are summed, the first that fails decides, the most answers are \
                sent.
                """,
            parameters: [name],
            body: .named("BehaviourRequest"),
            [
                .json(200, "It is in place of the former of that name.", .named("Behaviour")),
                .json(201, "It is in force.", .named("Behaviour")),
                .shared(400, "BadRequest"),
                .problem(409, "There are too many; end one first."),
            ]
        ),
        APIOperation(
            "PATCH",
            "/behaviours/:name",
            "renewBehaviour",
            "Let a behaviour last longer, or shorter",
            parameters: [name],
            body: .named("Lease"),
            [
                .json(200, "It is still in force.", .named("Behaviour")),
                .shared(400, "BadRequest"), gone,
            ]
        ),
        APIOperation(
            "DELETE",
            "/behaviours/:name",
            "endBehaviour",
            "Behave again",
            parameters: [name],
            [.json(200, "How it was at its end.", .named("Behaviour")), gone]
        ),
    ]

    private static let name = APIParameter.path(
        "name",
        .text("Names the behaviour.", pattern: "^[!-~]{1,200}$")
    )
    private static let gone = APIAnswer.problem(
        404,
        "No behaviour of that name is in force: it never was, has ended, or was forgotten."
    )
}
