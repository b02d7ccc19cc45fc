#define _GNU_SOURCE
#include "tracer.h"
#ifdef CCLOCK_PATCHES
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

// Waits until a thread reports; never for ever. 1: it stands still, 0: it has ended.
static int await(int thread, int64_t end, int *status) {
    for (;;) {
        int found = waitpid(thread, status, __WALL | WNOHANG);
        if (found < 0) return errno == ECHILD || errno == ESRCH ? 0 : -errno;
        if (found == thread) return WIFSTOPPED(*status) ? 1 : 0;
        if (now_ms() > end) return -ETIMEDOUT;
        struct timespec pause = {0, 50000};
        nanosleep(&pause, 0);
    }
}

// A signal that was on its way to the thread when it stopped; not the stops that we made.
static int pending(int status) {
    int number = WSTOPSIG(status);
    return status >> 16 == 0 && number != SIGTRAP ? number : 0;
}

static int stop_one(struct tracer *tracer, int thread, int64_t end) {
    if (tracer->count == THREADS_MAX) return -E2BIG;
    if (ptrace(PTRACE_SEIZE, thread, 0, 0) < 0) return errno == ESRCH ? 0 : errno == EPERM ? -EBUSY : -errno;
    if (ptrace(PTRACE_INTERRUPT, thread, 0, 0) < 0) return errno == ESRCH ? 0 : -errno;
    int status;
    int stands = await(thread, end, &status);
    if (stands <= 0) return stands;
    tracer->thread[tracer->count] = thread;
    tracer->signal[tracer->count++] = pending(status);
    return 1;
}

static int is_known(const struct tracer *tracer, int thread) {
    for (int i = 0; i < tracer->count; i++)
        if (tracer->thread[i] == thread) return 1;
    return 0;
}

int cclock_stop(struct tracer *tracer, int pid, int patience_ms) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    tracer->pid = pid;
    tracer->count = 0;
    int64_t end = now_ms() + patience_ms;
    for (int isComplete = 0; !isComplete;) {  // until a look finds nobody new
        isComplete = 1;
        DIR *tasks = opendir(path);
        if (!tasks) return errno == ENOENT ? -ESRCH : -errno;
        for (struct dirent *entry; (entry = readdir(tasks));) {
            int thread = atoi(entry->d_name);
            if (thread <= 0 || is_known(tracer, thread)) continue;
            int status = stop_one(tracer, thread, end);
            if (status < 0) {
                closedir(tasks);
                return status;
            }
            if (status > 0) isComplete = 0;
        }
        closedir(tasks);
        if (now_ms() > end) return -ETIMEDOUT;
    }
    return tracer->count > 0 ? 0 : -ESRCH;
}

void cclock_go(struct tracer *tracer) {
    for (int i = 0; i < tracer->count; i++)
        ptrace(PTRACE_DETACH, tracer->thread[i], 0, (void *)(long)tracer->signal[i]);
    tracer->count = 0;
}

// One instruction of one thread; a signal that comes first is kept for later.
static int step(struct tracer *tracer, int index) {
    for (int tries = 0; tries < 16; tries++) {
        if (ptrace(PTRACE_SINGLESTEP, tracer->thread[index], 0, 0) < 0) return -errno;
        int status;
        int stands = await(tracer->thread[index], now_ms() + 1000, &status);
        if (stands < 0) return stands;
        if (stands == 0) return -ESRCH;
        if (pending(status) == 0) return 0;
        tracer->signal[index] = pending(status);
    }
    return -EAGAIN;
}

int cclock_step_out(struct tracer *tracer, const struct sites *sites) {
    for (int i = 0; i < tracer->count; i++) {
        for (int tries = 0;; tries++) {
            struct user_regs_struct registers;
            if (ptrace(PTRACE_GETREGS, tracer->thread[i], 0, &registers) < 0) return -errno;
            int isInside = 0;
            for (int j = 0; j < 3; j++)
                if (sites->site[j] && registers.rip > sites->site[j] && registers.rip < sites->site[j] + CCLOCK_JUMP)
                    isInside = 1;
            if (!isInside) break;
            if (tries == 100) return -EAGAIN;
            int status = step(tracer, i);
            if (status < 0) return status;
        }
    }
    return 0;
}

int64_t cclock_map_page(struct tracer *tracer, const struct sites *sites) {
    int thread = tracer->thread[0];
    struct user_regs_struct former, call;
    if (ptrace(PTRACE_GETREGS, thread, 0, &former) < 0) return -errno;
    call = former;
    call.rax = SYS_mmap;
    call.rdi = 0;
    call.rsi = CCLOCK_PAGE;
    call.rdx = PROT_READ | PROT_WRITE | PROT_EXEC;
    call.r10 = MAP_PRIVATE | MAP_ANONYMOUS;
    call.r8 = (unsigned long long)-1;
    call.r9 = 0;
    call.rip = sites->syscall;
    call.orig_rax = (unsigned long long)-1;  // or the kernel would begin an interrupted call anew here
    if (ptrace(PTRACE_SETREGS, thread, 0, &call) < 0) return -errno;
    int status = step(tracer, 0);
    int64_t address = status;
    if (status == 0) {
        if (ptrace(PTRACE_GETREGS, thread, 0, &call) < 0) address = -errno;
        else address = (int64_t)call.rax;
    }
    if (ptrace(PTRACE_SETREGS, thread, 0, &former) < 0) return -errno;
    return address;
}
#endif
