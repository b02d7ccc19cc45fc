// Moves the wall clock of the process that it is preloaded into (LD_PRELOAD).
//
// The control block is a file that CHAOS_CLOCK names (CClock.h). Only CLOCK_REALTIME and its like
// move; monotonic clocks and sleeps stay true, and deadlines that a program computed from the moved
// clock are moved back before they reach the kernel. Needs nothing but libc.
#define _GNU_SOURCE
#include "CClock.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define DESCRIPTORS_MAX 65536

static struct cclock_control none;
static struct cclock_control *control = &none;
static int counts;                                // whether the block may be written
static unsigned char is_wall_timer[DESCRIPTORS_MAX];

static int (*next_gettime)(clockid_t, struct timespec *);
static int (*next_nanosleep)(clockid_t, int, const struct timespec *, struct timespec *);
static int (*next_timerfd_create)(int, int);
static int (*next_timerfd_settime)(int, int, const struct itimerspec *, struct itimerspec *);
static int (*next_cond_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*next_cond_clockwait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
static int (*next_sem_timedwait)(sem_t *, const struct timespec *);
static int (*next_sem_clockwait)(sem_t *, clockid_t, const struct timespec *);
static int (*next_mutex_timedlock)(pthread_mutex_t *, const struct timespec *);
static int (*next_mutex_clocklock)(pthread_mutex_t *, clockid_t, const struct timespec *);
static int (*next_rdlock)(pthread_rwlock_t *, const struct timespec *);
static int (*next_wrlock)(pthread_rwlock_t *, const struct timespec *);

__attribute__((constructor)) static void start(void) {
    next_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    next_nanosleep = dlsym(RTLD_NEXT, "clock_nanosleep");
    next_timerfd_create = dlsym(RTLD_NEXT, "timerfd_create");
    next_timerfd_settime = dlsym(RTLD_NEXT, "timerfd_settime");
    next_cond_clockwait = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
    next_sem_timedwait = dlsym(RTLD_NEXT, "sem_timedwait");
    next_sem_clockwait = dlsym(RTLD_NEXT, "sem_clockwait");
    next_mutex_timedlock = dlsym(RTLD_NEXT, "pthread_mutex_timedlock");
    next_mutex_clocklock = dlsym(RTLD_NEXT, "pthread_mutex_clocklock");
    next_rdlock = dlsym(RTLD_NEXT, "pthread_rwlock_timedrdlock");
    next_wrlock = dlsym(RTLD_NEXT, "pthread_rwlock_timedwrlock");
    // glibc has two of them on x86-64; without a version the old one would be found.
    next_cond_timedwait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!next_cond_timedwait) next_cond_timedwait = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    const char *path = getenv("CHAOS_CLOCK");
    if (!path) return;
    int protection = PROT_READ | PROT_WRITE;
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) {
        protection = PROT_READ;
        descriptor = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (descriptor < 0) return;
    struct cclock_control *mapped = mmap(0, 4096, protection, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (mapped == MAP_FAILED || mapped->magic != CCLOCK_MAGIC) return;
    control = mapped;
    counts = protection & PROT_WRITE;
}

static const struct cclock_setting *setting(void) {
    return &control->settings[__atomic_load_n(&control->active, __ATOMIC_ACQUIRE) & 1];
}

static int is_moved(const struct cclock_setting *s) { return s->offset_ns || s->drift_ppb; }
static int is_wall(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

static int64_t number(const struct timespec *time) { return time->tv_sec * 1000000000LL + time->tv_nsec; }
static void put(struct timespec *time, int64_t value) {
    int64_t rest = value % 1000000000;
    time->tv_sec = value / 1000000000 - (rest < 0);
    time->tv_nsec = rest < 0 ? rest + 1000000000 : rest;
}

// What the kernel calls the moment that the process calls `moved`.
static int64_t back(const struct cclock_setting *s, int64_t moved) {
    int64_t wall = moved - s->offset_ns;
    if (!s->drift_ppb) return wall;
    return s->base_ns + (int64_t)((__int128)(wall - s->base_ns) * 1000000000 / (1000000000 + s->drift_ppb));
}

// A deadline of the process, moved back into `place` when it is one on the wall clock.
static const struct timespec *deadline(const struct timespec *time, struct timespec *place) {
    const struct cclock_setting *s = setting();
    if (!time || !is_moved(s)) return time;
    put(place, back(s, number(time)));
    if (place->tv_sec < 0) put(place, 0);  // long past
    return place;
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = next_gettime ? next_gettime(clock, time) : (int)syscall(SYS_clock_gettime, clock, time);
    if (result != 0 || !is_wall(clock)) return result;
    const struct cclock_setting *s = setting();
    if (!is_moved(s)) return 0;
    int64_t moved = cclock_shift(s, number(time));
    put(time, moved);
    if (counts) {
        __atomic_fetch_add(&control->readings, 1, __ATOMIC_RELAXED);
        __atomic_store_n(&control->last_ns, moved, __ATOMIC_RELAXED);
    }
    return 0;
}

EXPORT int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    if (zone) *(struct timezone *)zone = (struct timezone){0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

EXPORT time_t time(time_t *place) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (place) *place = now.tv_sec;
    return now.tv_sec;
}

EXPORT int timespec_get(struct timespec *time, int base) {
    if (base != TIME_UTC) return 0;
    clock_gettime(CLOCK_REALTIME, time);
    return base;
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left) {
    struct timespec place;
    if ((flags & TIMER_ABSTIME) && is_wall(clock)) time = deadline(time, &place);
    return next_nanosleep(clock, flags, time, left);
}

EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                  const struct timespec *restrict time) {
    struct timespec place;
    // glibc 2.25 and later: bit 1 of __wrefs says that its clock is the monotonic one.
    int is_monotonic = ((const unsigned *)condition)[9] & 2;
    return next_cond_timedwait(condition, mutex, is_monotonic ? time : deadline(time, &place));
}

EXPORT int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                                  const struct timespec *time) {
    struct timespec place;
    return next_cond_clockwait(condition, mutex, clock, is_wall(clock) ? deadline(time, &place) : time);
}

EXPORT int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict time) {
    struct timespec place;
    return next_sem_timedwait(semaphore, deadline(time, &place));
}

EXPORT int sem_clockwait(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict time) {
    struct timespec place;
    return next_sem_clockwait(semaphore, clock, is_wall(clock) ? deadline(time, &place) : time);
}

EXPORT int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict time) {
    struct timespec place;
    return next_mutex_timedlock(mutex, deadline(time, &place));
}

EXPORT int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock,
                                   const struct timespec *restrict time) {
    struct timespec place;
    return next_mutex_clocklock(mutex, clock, is_wall(clock) ? deadline(time, &place) : time);
}

EXPORT int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict time) {
    struct timespec place;
    return next_rdlock(lock, deadline(time, &place));
}

EXPORT int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict time) {
    struct timespec place;
    return next_wrlock(lock, deadline(time, &place));
}

EXPORT int timerfd_create(int clock, int flags) {
    int descriptor = next_timerfd_create(clock, flags);
    if (descriptor >= 0 && descriptor < DESCRIPTORS_MAX) is_wall_timer[descriptor] = is_wall(clock);
    return descriptor;
}

EXPORT int timerfd_settime(int descriptor, int flags, const struct itimerspec *time, struct itimerspec *former) {
    struct itimerspec moved;
    struct timespec place;
    int is_wall_deadline = descriptor >= 0 && descriptor < DESCRIPTORS_MAX && is_wall_timer[descriptor] &&
                           (flags & TFD_TIMER_ABSTIME);
    if (time && is_wall_deadline && number(&time->it_value) != 0) {
        moved = *time;
        moved.it_value = *deadline(&time->it_value, &place);
        time = &moved;
    }
    return next_timerfd_settime(descriptor, flags, time, former);
}
