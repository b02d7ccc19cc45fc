#define _GNU_SOURCE
#include "CClock.h"
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

static int result(ssize_t count, size_t wanted) {
    if (count < 0) return -errno;
    return (size_t)count == wanted ? 0 : -EIO;
}

int cclock_open(const char *path, int writes) {
    int descriptor = open(path, (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int cclock_create(const char *path, const struct cclock_control *control) {
    char page[4096] = {0};
    memcpy(page, control, sizeof *control);
    int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) return -errno;
    int status = result(pwrite(descriptor, page, sizeof page, 0), sizeof page);
    // The process counts its readings there, whoever it runs as.
    if (status == 0 && fchmod(descriptor, 0666) < 0) status = -errno;
    close(descriptor);
    return status;
}

int cclock_read(int descriptor, uint64_t base, struct cclock_control *control) {
    return result(pread(descriptor, control, sizeof *control, (off_t)base), sizeof *control);
}

int cclock_set(int descriptor, uint64_t base, const struct cclock_setting *setting) {
    struct cclock_control control;
    int status = cclock_read(descriptor, base, &control);
    if (status < 0) return status;
    if (control.magic != CCLOCK_MAGIC) return -EINVAL;
    uint64_t next = control.active + 1;
    off_t place = (off_t)(base + offsetof(struct cclock_control, settings) + (next & 1) * sizeof *setting);
    status = result(pwrite(descriptor, setting, sizeof *setting, place), sizeof *setting);
    if (status < 0) return status;
    off_t active = (off_t)(base + offsetof(struct cclock_control, active));
    return result(pwrite(descriptor, &next, sizeof next, active), sizeof next);
}
