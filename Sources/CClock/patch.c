#define _GNU_SOURCE
#include "tracer.h"

#ifndef CCLOCK_PATCHES
int cclock_can_patch(void) { return 0; }
int64_t cclock_find(int pid) { return pid > 0 ? 0 : -EINVAL; }
int cclock_patch(int pid, const struct cclock_setting *s, const char *tag) { return pid && s && tag ? -ENOSYS : -EINVAL; }
int cclock_unpatch(int pid) { return pid > 0 ? 0 : -EINVAL; }
#else
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 5000

int cclock_can_patch(void) { return 1; }

static int open_memory(int pid, int writes) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    return cclock_open(path, writes);
}

// The block to which a process leads its readings, if it is patched by us.
static int64_t find(int memory, const struct sites *sites, struct cclock_control *control) {
    uint64_t code = cclock_jump_target(sites->entry[0]);
    if (code < CCLOCK_CODE) return 0;
    uint64_t page = code & ~(uint64_t)(CCLOCK_PAGE - 1);
    if (cclock_read(memory, page, control) < 0 || control->magic != CCLOCK_MAGIC) return 0;
    return (int64_t)page;
}

int64_t cclock_find(int pid) {
    struct sites sites;
    struct cclock_control control;
    int memory = open_memory(pid, 0);
    if (memory < 0) return memory;
    int64_t page = cclock_sites(pid, memory, &sites);
    if (page == 0) page = find(memory, &sites, &control);
    close(memory);
    return page;
}

static int put(int memory, uint64_t place, const void *bytes, size_t count) {
    ssize_t written = pwrite(memory, bytes, count, (off_t)place);
    return written < 0 ? -errno : (size_t)written == count ? 0 : -EIO;
}

static int write_page(int memory, uint64_t page, const struct sites *sites, const struct cclock_setting *setting,
                      const char *tag) {
    uint8_t content[CCLOCK_PAGE] = {0};
    struct cclock_control *control = (struct cclock_control *)content;
    control->magic = CCLOCK_MAGIC;
    control->settings[0] = *setting;
    strncpy(control->tag, tag, sizeof control->tag - 1);
    memcpy(control->site, sites->site, sizeof control->site);
    memcpy(control->saved, sites->entry, sizeof control->saved);
    size_t size = (size_t)(__stop_chaos_stub - __start_chaos_stub);
    if (size > CCLOCK_PAGE - CCLOCK_CODE) return -EFBIG;
    memcpy(content + CCLOCK_CODE, __start_chaos_stub, size);
    return put(memory, page, content, sizeof content);
}

static int write_jumps(int memory, uint64_t page, const struct sites *sites) {
    uint64_t stub[3] = {(uint64_t)cclock_stub_gettime, (uint64_t)cclock_stub_gettimeofday, (uint64_t)cclock_stub_time};
    for (int i = 0; i < 3; i++) {
        if (!sites->site[i]) continue;
        uint8_t jump[CCLOCK_JUMP] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0};
        uint64_t target = page + CCLOCK_CODE + (stub[i] - (uint64_t)__start_chaos_stub);
        memcpy(jump + 2, &target, sizeof target);
        int status = put(memory, sites->site[i], jump, sizeof jump);
        if (status < 0) return status;
    }
    return 0;
}

static int restore(int memory, const struct cclock_control *control) {
    for (int i = 0; i < 3; i++) {
        if (!control->site[i]) continue;
        int status = put(memory, control->site[i], control->saved[i], CCLOCK_JUMP);
        if (status < 0) return status;
    }
    return 0;
}

struct job {
    int pid;
    const struct cclock_setting *setting;  // 0: restore
    const char *tag;
    int status;
};

static int patch(struct tracer *tracer, int memory, const struct sites *sites, const struct job *job) {
    int64_t page = cclock_map_page(tracer, sites);
    if (page < 0) return (int)page;
    int status = write_page(memory, (uint64_t)page, sites, job->setting, job->tag);
    if (status == 0) status = write_jumps(memory, (uint64_t)page, sites);
    if (status < 0) {  // back to how it was, as far as it goes
        for (int i = 0; i < 3; i++)
            if (sites->site[i]) put(memory, sites->site[i], sites->entry[i], CCLOCK_JUMP);
    }
    return status;
}

static int work(struct job *job, struct tracer *tracer) {
    struct sites sites;
    struct cclock_control control;
    int memory = open_memory(job->pid, 1);
    if (memory < 0) return memory;
    int status = cclock_stop(tracer, job->pid, PATIENCE_MS);
    // Looked at while all stand still: nobody else can have patched it meanwhile.
    if (status == 0) status = cclock_sites(job->pid, memory, &sites);
    if (status == 0) status = cclock_step_out(tracer, &sites);
    if (status == 0) {
        int64_t page = find(memory, &sites, &control);
        if (job->setting) status = page ? -EBUSY : patch(tracer, memory, &sites, job);
        else if (page) status = restore(memory, &control);
    }
    cclock_go(tracer);
    close(memory);
    return status;
}

static void *run(void *argument) {
    struct job *job = argument;
    struct tracer *tracer = calloc(1, sizeof *tracer);
    job->status = tracer ? work(job, tracer) : -ENOMEM;
    free(tracer);
    return 0;
}

// A tracer is a thread: with this one ends every hold on the process, whatever went wrong.
static int in_own_thread(struct job *job) {
    pthread_t thread;
    int code = pthread_create(&thread, 0, run, job);
    if (code != 0) return -code;
    pthread_join(thread, 0);
    return job->status;
}

int cclock_patch(int pid, const struct cclock_setting *setting, const char *tag) {
    struct job job = {pid, setting, tag, 0};
    return in_own_thread(&job);
}

int cclock_unpatch(int pid) {
    struct job job = {pid, 0, "", 0};
    return in_own_thread(&job);
}
#endif
