// ChaosPlan: a valid experiment becomes ordered, bounded steps that only have to be carried out.
// Pure.
//
//     Experiment ──┐
//     manifests  ──┼─▶ Planner ─▶ Plan ─▶ lines (for people) · JSON (for later) · ChaosRunner
//     system     ──┘       │
//                          └─▶ [Problem] with the place in the experiment's file
//
// The planner is the last place where a mistake costs nothing. It knows the plugins, so it checks
// functions, arguments and units; it knows the system, so it checks targets; and it knows the blast
// radius, so nothing in a plan lasts longer or hits more than its author allowed.
// A plan holds no secret and names no time of day: the same file and seed give the same plan.
