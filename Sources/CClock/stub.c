#include "stub.h"
#ifdef CCLOCK_PATCHES
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

// This code is copied as it is into another process: it may call nothing, and finds its data only
// relative to itself. It is the same in every build, instrumented or not.
#define STUB                                                                                   \
    __attribute__((section("chaos_stub"), used, noinline, visibility("hidden"),                \
                   no_stack_protector, no_sanitize("address", "thread", "undefined"),          \
                   no_instrument_function, no_profile_instrument_function))
#define INLINE static inline __attribute__((always_inline))

INLINE struct cclock_control *control(void) {
    return (struct cclock_control *)(__start_chaos_stub - CCLOCK_CODE);
}

INLINE long kernel(long number, long first, long second) {
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second)
                     : "rcx", "r11", "memory");
    return result;
}

INLINE void move(struct timespec *time) {
    struct cclock_control *c = control();
    uint64_t active = __atomic_load_n(&c->active, __ATOMIC_ACQUIRE) & 1;
    int64_t moved = cclock_shift(&c->settings[active], time->tv_sec * 1000000000LL + time->tv_nsec);
    __atomic_fetch_add(&c->readings, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&c->last_ns, moved, __ATOMIC_RELAXED);
    int64_t rest = moved % 1000000000;
    time->tv_sec = moved / 1000000000 - (rest < 0);
    time->tv_nsec = rest < 0 ? rest + 1000000000 : rest;
}

STUB long cclock_stub_gettime(int clock, struct timespec *time) {
    long result = kernel(SYS_clock_gettime, clock, (long)time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI))
        move(time);
    return result;
}

STUB long cclock_stub_gettimeofday(struct timeval *time, struct timezone *zone) {
    if (zone) kernel(SYS_gettimeofday, 0, (long)zone);
    if (!time) return 0;
    struct timespec now;
    long result = kernel(SYS_clock_gettime, CLOCK_REALTIME, (long)&now);
    if (result != 0) return result;
    move(&now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

STUB long cclock_stub_time(long *time) {
    struct timespec now;
    long result = kernel(SYS_clock_gettime, CLOCK_REALTIME_COARSE, (long)&now);
    if (result != 0) return result;
    move(&now);
    if (time) *time = now.tv_sec;
    return now.tv_sec;
}
#endif
