#pragma once
#include "CTrace.h"
#if defined(__x86_64__) && defined(__linux__)
#define CTRACE_WORKS 1
#define CTRACE_THREADS_MAX 4096

struct ctrace_thread {
    int id;
    int fails;     // its call is left out: the error is to be returned
    int64_t due;   // when it goes on; 0: it does not wait
};

struct ctrace_state {
    struct ctrace_setting setting;
    uint64_t seen, hit;  // flushes so far, and those of them that were hit
    int is_ending;       // nothing is hit any more
    int count;
    struct ctrace_thread thread[CTRACE_THREADS_MAX];
};

int64_t ctrace_now(void);
struct ctrace_thread *ctrace_find(struct ctrace_state *state, int id);
// The entry of a thread, made when it has none; NULL when there is no room.
struct ctrace_thread *ctrace_note(struct ctrace_state *state, int id);
void ctrace_forget(struct ctrace_state *state, int id);
// Seizes every thread of a process and of those below it. 0 or -errno.
int ctrace_attach(struct ctrace_state *state, int pid);
// What a thread's report asks for.
void ctrace_handle(struct ctrace_state *state, int id, int status);
// Lets those go on whose time has come; the time of the next, or 0.
int64_t ctrace_release(struct ctrace_state *state, int64_t now);
#endif
