#define _GNU_SOURCE
#include "threads.h"
#ifdef CTRACE_WORKS
#include <linux/audit.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

// sys/ptrace.h and linux/ptrace.h do not go together everywhere.
extern long ptrace(int request, ...);

static void go_on(struct ctrace_state *state, int id, long signal) {
    if (ptrace(PTRACE_SYSCALL, id, 0, signal) < 0 && errno == ESRCH) ctrace_forget(state, id);
}

static int is_flush(uint64_t call) {
    return call == SYS_fsync || call == SYS_fdatasync || call == SYS_sync_file_range || call == SYS_syncfs;
}

static void set_register(int id, size_t offset, long value) { ptrace(PTRACE_POKEUSR, id, offset, value); }

static void call_begins(struct ctrace_state *state, struct ctrace_thread *thread) {
    state->seen++;
    if (state->is_ending || state->seen % state->setting.every != 0) return;
    state->hit++;
    if (state->setting.error) {
        set_register(thread->id, offsetof(struct user, regs.orig_rax), -1);  // no call has that number
        thread->fails = 1;
    }
    if (state->setting.delay_ns > 0) thread->due = ctrace_now() + state->setting.delay_ns;
}

static void call_stops(struct ctrace_state *state, struct ctrace_thread *thread) {
    struct ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->id, sizeof info, &info) > 0) {
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.arch == AUDIT_ARCH_X86_64 && is_flush(info.entry.nr))
            call_begins(state, thread);
        if (info.op == PTRACE_SYSCALL_INFO_EXIT && thread->fails) {
            set_register(thread->id, offsetof(struct user, regs.rax), -(long)state->setting.error);
            thread->fails = 0;
        }
    }
    if (!thread->due) go_on(state, thread->id, 0);
}

void ctrace_handle(struct ctrace_state *state, int id, int status) {
    if (!WIFSTOPPED(status)) return ctrace_forget(state, id);
    struct ctrace_thread *thread = ctrace_note(state, id);
    int number = WSTOPSIG(status), event = status >> 16;
    if (!thread) {
        ptrace(PTRACE_DETACH, id, 0, 0L);  // no room: it is left alone
    } else if (number == (SIGTRAP | 0x80)) {
        call_stops(state, thread);
    } else if (event == PTRACE_EVENT_STOP && number != SIGTRAP) {
        ptrace(PTRACE_LISTEN, id, 0, 0L);  // somebody stopped it, and it stays so
    } else {
        go_on(state, id, event == 0 ? number : 0);
    }
}

int64_t ctrace_release(struct ctrace_state *state, int64_t now) {
    int64_t next = 0;
    for (int i = state->count - 1; i >= 0; i--) {
        struct ctrace_thread *thread = &state->thread[i];
        if (!thread->due) continue;
        if (thread->due <= now || state->is_ending) {
            thread->due = 0;
            go_on(state, thread->id, 0);
        } else if (!next || thread->due < next) {
            next = thread->due;
        }
    }
    return next;
}
#endif
