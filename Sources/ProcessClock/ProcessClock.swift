// ProcessClock: the wall clock of one process, moved; never the host's.
//
//     started by us ──▶ ClockShim (LD_PRELOAD) ──maps──▶ ControlFile ◀── ClockControl.set
//     running, x86-64 ▶ VDSOPatch: its vDSO leads to a page of ours ◀── ClockControl.set
//
// Monotonic clocks and sleeps stay true in both. Each moved reading is counted inside the process,
// which is how a fault proves that it happened. The C of both stands in CClock; no pointer leaves
// this room.
