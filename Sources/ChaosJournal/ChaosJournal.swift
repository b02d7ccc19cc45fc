// The journal: what happened in a run, and the only thing that a verdict may look at.
//
//     runner ──event──▶ line() ──▶ journal.jsonl ──▶ JournalReader ──events──▶ verdict, report
//                        │              │                 │
//                        one writer,    one JSON object   forgives a torn last line and events
//                        flushed        per line          of the future; reports every gap
//
// A line reads `{"seq":7,"at":"2026-11-20T10:42:45.087402Z","t":12.345678,"event":"fault",…}`:
// a sequence number without gaps, the wall clock, the seconds since the run began (monotonic), the
// event's name and its members. Units are the last word of a member's name (`latency_ms`). Members
// that do not apply are left out; readers ignore members that they do not know.
//
// Writing appends bytes without building a tree, since a run writes thousands of `operation`
// lines a minute. Reading takes a short cut for the same lines and the general way for all others.
// The room is pure: files belong to the runner and to the command line.
