#define _GNU_SOURCE
#include "threads.h"
#ifdef CTRACE_WORKS
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <time.h>
#include <unistd.h>

// Not PTRACE_O_EXITKILL: whoever is traced must outlive us.
#define OPTIONS                                                                                       \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

int64_t ctrace_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct ctrace_thread *ctrace_find(struct ctrace_state *state, int id) {
    for (int i = 0; i < state->count; i++)
        if (state->thread[i].id == id) return &state->thread[i];
    return 0;
}

struct ctrace_thread *ctrace_note(struct ctrace_state *state, int id) {
    struct ctrace_thread *found = ctrace_find(state, id);
    if (found) return found;
    if (state->count == CTRACE_THREADS_MAX) return 0;
    found = &state->thread[state->count++];
    *found = (struct ctrace_thread){.id = id};
    return found;
}

void ctrace_forget(struct ctrace_state *state, int id) {
    struct ctrace_thread *found = ctrace_find(state, id);
    if (found) *found = state->thread[--state->count];
}

// A thread that cannot be seized: 0 when it has ended, or is ours since its birth; -EPERM otherwise.
static int refused(int id) {
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", id);
    FILE *file = fopen(path, "re");
    if (!file) return 0;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    const char *state = strstr(text, "\nState:\t"), *tracer = strstr(text, "\nTracerPid:\t");
    if (!state || !tracer || strchr("ZX", state[8])) return 0;
    return atoi(tracer + 12) == getpid() ? 0 : -EPERM;
}

// Seizes one thread: 1, 0 when it has ended or is ours already, -errno.
static int seize(struct ctrace_state *state, int id) {
    if (ctrace_find(state, id)) return 0;
    if (state->count == CTRACE_THREADS_MAX) return -E2BIG;
    if (ptrace(PTRACE_SEIZE, id, 0, (void *)(long)OPTIONS) < 0)
        return errno == ESRCH ? 0 : errno == EPERM ? refused(id) : -errno;
    ctrace_note(state, id);
    // Only from its next stop on do its calls stop as well.
    return ptrace(PTRACE_INTERRUPT, id, 0, 0) < 0 && errno != ESRCH ? -errno : 1;
}

static int seize_all(struct ctrace_state *state, int pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    int found = 0;
    for (int isComplete = 0; !isComplete;) {  // until a look finds nobody new
        isComplete = 1;
        DIR *tasks = opendir(path);
        if (!tasks) return errno == ENOENT || errno == ESRCH ? found : -errno;
        for (struct dirent *entry; (entry = readdir(tasks));) {
            int id = atoi(entry->d_name);
            int status = id > 0 ? seize(state, id) : 0;
            if (status < 0) {
                closedir(tasks);
                return status;
            }
            if (status > 0) isComplete = 0, found++;
        }
        closedir(tasks);
    }
    return found;
}

static int parent_of(int pid) {
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file) return 0;
    size_t length = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[length] = 0;
    char *end = strrchr(line, ')');  // the name may hold anything
    return end && strlen(end) > 4 ? atoi(end + 4) : 0;
}

int ctrace_attach(struct ctrace_state *state, int pid) {
    int status = seize_all(state, pid);
    if (status <= 0) return status < 0 ? status : -ESRCH;
    for (int isComplete = 0; !isComplete;) {
        isComplete = 1;
        DIR *processes = opendir("/proc");
        if (!processes) return -errno;
        for (struct dirent *entry; (entry = readdir(processes));) {
            int child = atoi(entry->d_name);
            if (child <= 0 || ctrace_find(state, child) || !ctrace_find(state, parent_of(child))) continue;
            status = seize_all(state, child);
            if (status < 0) {
                closedir(processes);
                return status;
            }
            if (status > 0) isComplete = 0;
        }
        closedir(processes);
    }
    return 0;
}
#endif
