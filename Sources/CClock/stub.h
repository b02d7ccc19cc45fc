#pragma once
// What runs inside a patched process instead of the vDSO's functions.
#include "CClock.h"

// The page that is put into a process: the control block, then the code at this place.
#define CCLOCK_CODE 256
#define CCLOCK_PAGE 4096

_Static_assert(sizeof(struct cclock_control) <= CCLOCK_CODE, "the code follows the block");

#if defined(__x86_64__)
#define CCLOCK_PATCHES 1
extern const char __start_chaos_stub[] __attribute__((visibility("hidden")));
extern const char __stop_chaos_stub[] __attribute__((visibility("hidden")));
struct timespec;
struct timeval;
struct timezone;
long cclock_stub_gettime(int clock, struct timespec *time);
long cclock_stub_gettimeofday(struct timeval *time, struct timezone *zone);
long cclock_stub_time(long *time);
#endif
