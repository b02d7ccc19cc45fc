#define _GNU_SOURCE
#include "threads.h"

#ifndef CTRACE_WORKS
int ctrace_can(void) { return 0; }
int ctrace_run(int pid, const struct ctrace_setting *setting, int input, int output) {
    return pid && setting && input != output ? -ENOSYS : -EINVAL;
}
#else
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

// How long those whose call was left out may take to return the error before they are let go.
#define FAREWELL_NS 200000000

int ctrace_can(void) { return 1; }

static void tell(struct ctrace_state *state, int output) {
    char line[128];
    int length = snprintf(line, sizeof line, "{\"seen\":%llu,\"hit\":%llu,\"threads\":%d}\n",
                          (unsigned long long)state->seen, (unsigned long long)state->hit, state->count);
    if (write(output, line, (size_t)length) < 0) state->is_ending = 1;
}

static void answer(struct ctrace_state *state, int input, int output) {
    char bytes[64];
    ssize_t count = read(input, bytes, sizeof bytes);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) state->is_ending = 1;
    for (ssize_t i = 0; i < count; i++)
        if (bytes[i] == '?') tell(state, output);
}

static void reap(struct ctrace_state *state) {
    for (int status, id; (id = waitpid(-1, &status, __WALL | WNOHANG)) > 0;) ctrace_handle(state, id, status);
}

static int is_half_way(const struct ctrace_state *state) {
    for (int i = 0; i < state->count; i++)
        if (state->thread[i].fails) return 1;
    return 0;
}

// Until the input ends, and those that are half-way through a call have left it.
static void serve(struct ctrace_state *state, int input, int output, int signals) {
    int64_t end = 0;
    while (!end || (is_half_way(state) && ctrace_now() < end)) {
        int64_t now = ctrace_now(), next = ctrace_release(state, now);
        if (state->is_ending && !end) end = now + FAREWELL_NS;
        int64_t wait = next ? next - now : 1000000000;
        if (end && wait > 10000000) wait = 10000000;
        struct timespec timeout = {wait / 1000000000, wait % 1000000000};
        struct pollfd polled[2] = {{.fd = signals, .events = POLLIN}, {.fd = end ? -1 : input, .events = POLLIN}};
        if (ppoll(polled, 2, &timeout, 0) < 0 && errno != EINTR) return;
        struct signalfd_siginfo info;
        while (read(signals, &info, sizeof info) > 0) {}
        reap(state);
        if (polled[1].revents) answer(state, input, output);
    }
}

int ctrace_run(int pid, const struct ctrace_setting *setting, int input, int output) {
    struct ctrace_state *state = calloc(1, sizeof *state);
    if (!state) return -ENOMEM;
    state->setting = *setting;
    if (state->setting.every == 0) state->setting.every = 1;
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, 0);
    int signals = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
    int status = signals < 0 ? -errno : ctrace_attach(state, pid);
    if (status == 0) {
        reap(state);
        tell(state, output);
        serve(state, input, output, signals);
    }
    if (signals >= 0) close(signals);
    free(state);
    return status;  // whoever is still traced is let go by the kernel when we end
}
#endif
