#pragma once
#include "vdso.h"
#ifdef CCLOCK_PATCHES
#define THREADS_MAX 4096
// The threads of a process, standing still. They go on when the thread that stopped them ends,
// whatever it ends by.
struct tracer {
    int pid;
    int count;
    int thread[THREADS_MAX];
    int signal[THREADS_MAX];   // a signal that was on its way: handed on when the thread goes on
};
// Stops all threads, also those that are started meanwhile. -ETIMEDOUT after `patience_ms`.
int cclock_stop(struct tracer *tracer, int pid, int patience_ms);
// Lets them go on.
void cclock_go(struct tracer *tracer);
// Steps threads out of the first CCLOCK_JUMP bytes of the sites, which are about to change.
int cclock_step_out(struct tracer *tracer, const struct sites *sites);
// Has the process map a page that it may read, write and execute; its address, or -errno.
int64_t cclock_map_page(struct tracer *tracer, const struct sites *sites);
#endif
