// ChaosModel: what an experiment is, as values, and how its file is read. Pure: no file, no clock.
//
//     bytes ─▶ JSONDocument ─▶ ExperimentDecoder ─▶ Experiment ─▶ (ChaosPlan)
//                                     │
//                                     └─▶ [Problem] ─▶ ProblemRenderer ─▶ line, caret, remedy
//
// Experiment/    the values: hypothesis, steps, tolerances, blast radius, load
// Decoding/      our format ("chaos": 1) and the Chaos Toolkit's, every mistake in one run
// Schema/        the tables that describe our format: they drive validation and the JSON Schema
// Problems/      mistakes with file, line, column, path, remedy
// Units/         durations, quantities, timestamps as text
// Tolerances/    does a probe's value pass its test?
// Substitution/  ${name} as the Chaos Toolkit does it
// JSONPath/      the jsonpath2 dialect of the Chaos Toolkit
// SystemDescription   what can be hit, in the words of system.json
