import JSON

/// The parts of the JSON Schema that are values and not objects of the tables.
extension ExperimentSchema {
    static var sharedDefinitions: [(String, JSONValue)] {
        [
            ("duration", duration), ("rate", rate), ("share", share), ("pause", pause),
            ("target", target(targetNames)), ("picked-target", pickedTarget),
            ("bound", bound), ("tolerance", tolerance), ("any-provider", anyProvider),
            ("process-provider", process), ("http-provider", http), ("python-provider", python),
        ]
    }

    private static let share: JSONValue = [
        "description": "A part of a whole, such as \"10%\" or 0.1.",
        "anyOf": [
            ["type": "string", "pattern": "^\\s*(\\d+(\\.\\d+)?|\\.\\d+)\\s*%?\\s*$"],
            ["type": "number", "minimum": 0, "maximum": 1],
        ],
    ]

    private static let duration: JSONValue = [
        "description": "A number with a unit, such as \"200ms\" or \"1m30s\", or seconds.",
        "anyOf": [
            [
                "type": "string",
                "pattern":
                    "^\\s*((\\d+(\\.\\d+)?|\\.\\d+)\\s*(ns|us|µs|μs|ms|s|sec|m|min|h|d)\\s*)+$",
            ],
            ["type": "number", "minimum": 0],
        ],
    ]

    private static let rate: JSONValue = [
        "description": "A number per second, such as \"100/s\".",
        "anyOf": [
            ["type": "string", "pattern": "^(\\d+(\\.\\d+)?|\\.\\d+)\\s*/(s|min|h)$"],
            ["type": "number", "minimum": 0],
        ],
    ]

    private static let pause: JSONValue = [
        "anyOf": [
            reference("duration"), ["type": "string", "pattern": "\\$"], ["type": "null"],
        ]
    ]

    private static let targetNames: JSONObject = [
        "link": ["type": "string", "description": "Such as payments->processor."],
        "service": ["type": "string", "description": "Such as payments."],
        "process": [
            "type": "string",
            "description": "A pid, the path of a pid file, or a database such as payments-db.",
        ],
        "interface": [
            "type": "string", "description": "A network interface, such as eth0.",
            "pattern": "^[^/:\\s]{1,15}$",
        ],
        "namespace": [
            "type": "string",
            "description": "A name under /run/netns, or an absolute path; else our own.",
        ],
    ]

    private static func target(_ names: JSONObject) -> JSONValue {
        [
            "description": "What is hit, in the words of the system description or of the machine.",
            "type": "object",
            "properties": .object(names),
            "patternProperties": ["^x-": true],
            "additionalProperties": false,
            "dependentRequired": ["namespace": ["interface"]],
            "oneOf": [
                ["required": ["link"]], ["required": ["service"]], ["required": ["process"]],
                ["required": ["interface"]],
            ],
        ]
    }

    /// A target with a pick among the instances that it stands for.
    private static var pickedTarget: JSONValue {
        var names = targetNames
        names["pick"] = [
            "description": "How many of the instances are hit; the seed decides which.",
            "anyOf": [
                ["const": "one"],
                [
                    "type": "object", "required": ["count"], "additionalProperties": false,
                    "properties": ["count": ["type": "integer", "minimum": 1]],
                ],
                [
                    "type": "object", "required": ["percent"], "additionalProperties": false,
                    "properties": [
                        "percent": ["type": "number", "exclusiveMinimum": 0, "maximum": 100]
                    ],
                ],
            ],
        ]
        return target(names)
    }

    private static let bound: JSONValue = [
        "description": "A number, or a string with a unit such as \"300ms\", \"99%\", \"20/s\".",
        "type": ["string", "number"],
    ]

    private static let tolerance: JSONValue = [
        "description": "The test that a probe's value must pass.",
        "anyOf": [
            ["type": ["boolean", "integer", "string", "array"]],
            [
                "description": "Bounds in the unit of the probe.",
                "type": "object",
                "properties": [
                    "at-least": reference("bound"), "at-most": reference("bound"),
                ],
                "patternProperties": ["^x-": true],
                "additionalProperties": false,
                "anyOf": [["required": ["at-least"]], ["required": ["at-most"]]],
            ],
            typed("regex", ["pattern": ["type": "string"], "target": ["type": "string"]]),
            typed("jsonpath", ["path": ["type": "string"], "target": ["type": "string"]]),
            typed(
                "range",
                [
                    "range": [
                        "type": "array", "items": ["type": "number"], "minItems": 2,
                        "maxItems": 2,
                    ],
                    "target": ["type": "string"],
                ]
            ),
            typed("probe", ["name": true, "provider": ["type": "object"]]),
        ],
    ]

    /// An object with a `type` whose first other property is required.
    private static func typed(_ type: String, _ properties: JSONObject) -> JSONValue {
        var all: JSONObject = ["type": ["const": .string(type)]]
        for member in properties.members { all[member.name] = member.value }
        let required = ["type"] + properties.names.prefix(1)
        return [
            "type": "object", "properties": .object(all),
            "required": .array(required.map { .string($0) }),
        ]
    }

    private static let anyProvider: JSONValue = [
        "anyOf": [
            reference("provider"), reference("process-provider"), reference("http-provider"),
            reference("python-provider"),
        ]
    ]

    private static let process = typed(
        "process",
        [
            "path": ["type": "string", "minLength": 1],
            "arguments": ["type": ["array", "string", "object", "null"]],
        ]
    )

    private static let http = typed(
        "http",
        [
            "url": ["type": "string", "minLength": 1], "method": ["type": "string"],
            "headers": ["type": "object"],
        ]
    )

    private static let python: JSONValue = [
        "type": "object",
        "properties": [
            "type": ["const": "python"], "module": ["type": "string", "minLength": 1],
            "func": ["type": "string", "minLength": 1], "arguments": ["type": "object"],
        ],
        "required": ["type", "module", "func"],
    ]

    /// The Chaos Toolkit ignores what it does not know, so this is only what it insists on.
    static var toolkitExperiment: JSONValue {
        let activity: JSONValue = [
            "type": "object",
            "anyOf": [
                ["required": ["ref"], "properties": ["ref": ["type": "string", "minLength": 1]]],
                ["required": ["type", "name", "provider"]],
            ],
            "properties": [
                "type": ["enum": ["probe", "action"]],
                "background": ["type": "boolean"], "timeout": ["type": ["number", "null"]],
                "pauses": ["type": ["object", "null"]],
                "provider": [
                    "anyOf": [
                        reference("process-provider"), reference("http-provider"),
                        reference("python-provider"),
                    ]
                ],
            ],
        ]
        let activities: JSONValue = ["type": "array", "items": activity]
        return [
            "description": "An experiment of the Chaos Toolkit.",
            "type": "object",
            "required": ["title", "description", "method"],
            "properties": [
                "configuration": ["type": "object"],
                "secrets": ["type": "object", "additionalProperties": ["type": "object"]],
                "steady-state-hypothesis": [
                    "type": "object", "required": ["title"],
                    "properties": [
                        "probes": [
                            "type": "array",
                            "items": ["allOf": [activity, ["required": ["tolerance"]]]],
                        ]
                    ],
                ],
                "method": activities, "rollbacks": activities,
            ],
        ]
    }
}
