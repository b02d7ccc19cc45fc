#pragma once
// CTrace: the calls by which running processes flush files to their disk (fsync(2) and its like),
// slowed or failed by ptrace(2). For 64-bit processes on x86-64.
//
//     seize every thread ─▶ each call stops twice ─┬─ no flush: goes on
//                                                  ├─ slow: goes on when its time has come
//                                                  └─ fails: is left out, and returns the error
//
// Whoever traced them may die at any moment: the kernel detaches the threads, and they go on.
#include <errno.h>
#include <stdint.h>

struct ctrace_setting {
    int error;         // what a flush returns: EIO; 0: it is carried out
    int64_t delay_ns;  // how long it waits first
    uint64_t every;    // only every n-th is hit; 1: each
};

// Whether this build can trace at all.
int ctrace_can(void);
// Traces a process and all below it, also what it starts meanwhile, until `input` ends. Each '?' read there
// is answered with a line of JSON at `output`; the first line says that all of them are traced.
// 0, or -errno: ESRCH no such process, EPERM not ours to trace or traced already, E2BIG too many threads.
int ctrace_run(int pid, const struct ctrace_setting *setting, int input, int output);
