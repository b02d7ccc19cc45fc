#pragma once
// CClock: the wall clock of one process, moved. Two ways, one control block:
//
//   preload  the block is a file that the process maps (Sources/ProcessClock/Shim/shim.c)
//   patch    the block is a page that is put into a running process, whose vDSO then leads there
//
// Every function returns -errno on failure. Patching is for 64-bit processes on x86-64.
#include <errno.h>
#include <stdint.h>
#include <sys/types.h>

#define CCLOCK_MAGIC 0x314b434f4c434843ULL  // "CHCLOCK1"

// wall' = wall + offset_ns + (wall - base_ns) * drift_ppb / 1e9
struct cclock_setting {
    int64_t offset_ns;
    int64_t base_ns;
    int64_t drift_ppb;
};

// Written with the inactive setting first, then with one 8-byte store to `active`: no reader ever
// sees half of a change.
struct cclock_control {
    uint64_t magic;
    uint64_t active;                     // which of the two settings holds; even: 0, odd: 1
    struct cclock_setting settings[2];
    uint64_t readings;                   // how many moved readings the process has made
    int64_t last_ns;                     // the latest of them
    char tag[32];                        // whose it is: run and step
    uint64_t site[3];                    // patch only: clock_gettime, gettimeofday, time; 0: none
    uint8_t saved[3][16];                // patch only: what stood there
};

// The arithmetic that shim and stub share; no call, no 128-bit division.
static inline __attribute__((always_inline)) int64_t cclock_shift(const struct cclock_setting *s, int64_t wall) {
    int64_t since = wall - s->base_ns;
    int64_t drift = since / 1000000000 * s->drift_ppb + since % 1000000000 * s->drift_ppb / 1000000000;
    return wall + s->offset_ns + (s->drift_ppb ? drift : 0);
}

// A control block in a file (base 0) or in the memory of a process (base: its address).
int cclock_open(const char *path, int writes);
int cclock_create(const char *path, const struct cclock_control *control);
int cclock_read(int descriptor, uint64_t base, struct cclock_control *control);
int cclock_set(int descriptor, uint64_t base, const struct cclock_setting *setting);

// Whether this build can patch at all.
int cclock_can_patch(void);
// The address of the block in a process that was patched; 0: it was not; -errno (ENOENT: no vDSO).
int64_t cclock_find(int pid);
// Patches a process, whose threads stand still for a moment. -EBUSY: patched already, or traced;
// -ETIMEDOUT: a thread did not stand still; -ENOEXEC: not a 64-bit x86 process.
int cclock_patch(int pid, const struct cclock_setting *setting, const char *tag);
// Restores the vDSO of a process; the page with the block stays, harmless, until it ends.
int cclock_unpatch(int pid);
