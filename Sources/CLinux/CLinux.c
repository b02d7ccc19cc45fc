#define _GNU_SOURCE
#include "CLinux.h"
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

static _Thread_local void *current_loop;
void *clinux_current_loop(void) { return current_loop; }
void clinux_set_current_loop(void *loop) { current_loop = loop; }

int clinux_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t timeout_ns) {
    if (timeout_ns < 0) return (int)clinux_result(epoll_wait(epoll, events, capacity, -1));
    struct timespec t = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    int count = epoll_pwait2(epoll, events, capacity, &t, 0);
    if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return (int)clinux_result(count);
    // A kernel before 5.11, or a sandbox that does not know the call: whole milliseconds, rounded up.
    int64_t ms = (timeout_ns + 999999) / 1000000;
    return (int)clinux_result(epoll_wait(epoll, events, capacity, ms > INT32_MAX ? INT32_MAX : (int)ms));
}

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
void clinux_sharpen_timers(void) { prctl(PR_SET_TIMERSLACK, 1UL); }

int clinux_socket(int family) {
    return (int)clinux_result(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int clinux_message_pair(int ends[2]) {
    return (int)clinux_result(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends));
}

int clinux_message_socket(void) {
    return (int)clinux_result(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

long clinux_send_message(int socket, const void *bytes, size_t count, int descriptor) {
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control;
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
    }
    return clinux_result(sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

long clinux_receive_message(int socket, void *bytes, size_t capacity, int *descriptor) {
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control;
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    *descriptor = -1;
    ssize_t count = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (count < 0) return clinux_result(count);
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS &&
        rights->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(descriptor, CMSG_DATA(rights), sizeof(int));
    if (message.msg_flags & MSG_TRUNC) {
        if (*descriptor >= 0) close(*descriptor);
        *descriptor = -1;
        return -EMSGSIZE;
    }
    return count;
}

int clinux_duplicate(int descriptor) { return (int)clinux_result(fcntl(descriptor, F_DUPFD_CLOEXEC, 3)); }

int clinux_accept(int listener) {
    return (int)clinux_result(accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

int clinux_address(int family, const char *text, uint16_t port, struct sockaddr_storage *out, socklen_t *length) {
    memset(out, 0, sizeof *out);
    if (family == AF_INET) {
        struct sockaddr_in *a = (struct sockaddr_in *)out;
        a->sin_family = AF_INET;
        a->sin_port = htons(port);
        *length = sizeof *a;
        return inet_pton(AF_INET, text, &a->sin_addr) == 1 ? 0 : -EINVAL;
    }
    if (family == AF_INET6) {
        struct sockaddr_in6 *a = (struct sockaddr_in6 *)out;
        a->sin6_family = AF_INET6;
        a->sin6_port = htons(port);
        *length = sizeof *a;
        return inet_pton(AF_INET6, text, &a->sin6_addr) == 1 ? 0 : -EINVAL;
    }
    struct sockaddr_un *a = (struct sockaddr_un *)out;
    if (strlen(text) >= sizeof a->sun_path) return -ENAMETOOLONG;
    a->sun_family = AF_UNIX;
    strcpy(a->sun_path, text);
    *length = sizeof *a;
    return 0;
}

int clinux_bind(int descriptor, const struct sockaddr_storage *address, socklen_t length) {
    return (int)clinux_result(bind(descriptor, (const struct sockaddr *)address, length));
}

int clinux_connect(int descriptor, const struct sockaddr_storage *address, socklen_t length) {
    return (int)clinux_result(connect(descriptor, (const struct sockaddr *)address, length));
}

int clinux_name(int descriptor, int peer, char *text, size_t capacity, uint16_t *port) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    memset(&storage, 0, sizeof storage);
    int status = peer ? getpeername(descriptor, (struct sockaddr *)&storage, &length)
                      : getsockname(descriptor, (struct sockaddr *)&storage, &length);
    if (status < 0) return -errno;
    *port = 0;
    text[0] = 0;
    if (storage.ss_family == AF_INET) {
        struct sockaddr_in *a = (struct sockaddr_in *)&storage;
        *port = ntohs(a->sin_port);
        inet_ntop(AF_INET, &a->sin_addr, text, capacity);
    } else if (storage.ss_family == AF_INET6) {
        struct sockaddr_in6 *a = (struct sockaddr_in6 *)&storage;
        *port = ntohs(a->sin6_port);
        inet_ntop(AF_INET6, &a->sin6_addr, text, capacity);
    } else {
        snprintf(text, capacity, "%s", ((struct sockaddr_un *)&storage)->sun_path);
    }
    return storage.ss_family;
}

int clinux_option(int descriptor, int level, int name, int value) {
    return (int)clinux_result(setsockopt(descriptor, level, name, &value, sizeof value));
}

int clinux_signalfd(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    pthread_sigmask(SIG_BLOCK, &set, 0);
    return (int)clinux_result(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

int clinux_signalfd_read(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count = read(descriptor, &info, sizeof info);
    return count == sizeof info ? (int)info.ssi_signo : -errno;
}

void clinux_unblock_all_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, 0);
}

void clinux_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

int clinux_processor_count(void) {
    cpu_set_t usable;
    return sched_getaffinity(0, sizeof usable, &usable) < 0 ? 1 : CPU_COUNT(&usable);
}

int clinux_pipe(int ends[2]) { return (int)clinux_result(pipe2(ends, O_CLOEXEC)); }
int clinux_pipe_nonblocking(int ends[2]) { return (int)clinux_result(pipe2(ends, O_CLOEXEC | O_NONBLOCK)); }
int clinux_pipe_size(int descriptor, int bytes) { return (int)clinux_result(fcntl(descriptor, F_SETPIPE_SZ, bytes)); }
long clinux_splice(int from, int to, size_t count) {
    return clinux_result(splice(from, 0, to, 0, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
}

#include <linux/netlink.h>

int clinux_netfilter_socket(int receive_buffer) {
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (descriptor < 0) return -errno;
    struct sockaddr_nl any = {.nl_family = AF_NETLINK};
    if (bind(descriptor, (struct sockaddr *)&any, sizeof any) < 0) {
        int failure = errno;
        close(descriptor);
        return -failure;
    }
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer);
    return descriptor;
}

int clinux_raw_ip_socket(void) {
    return (int)clinux_result(socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW));
}

long clinux_send_raw_ip(int descriptor, const uint8_t *packet, size_t count) {
    struct sockaddr_in target = {.sin_family = AF_INET};
    memcpy(&target.sin_addr, packet + 16, 4);
    return clinux_result(sendto(descriptor, packet, count, MSG_NOSIGNAL, (struct sockaddr *)&target, sizeof target));
}

#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

int clinux_open_path(const char *path) { return (int)clinux_result(open(path, O_RDONLY | O_CLOEXEC)); }
int clinux_enter_network(int descriptor) { return (int)clinux_result(setns(descriptor, CLONE_NEWNET)); }
int clinux_unshare_network(void) { return (int)clinux_result(unshare(CLONE_NEWNET)); }
int clinux_bind_mount(const char *source, const char *target) {
    return (int)clinux_result(mount(source, target, "none", MS_BIND, 0));
}
int clinux_share_mount(const char *target) {
    return (int)clinux_result(mount("none", target, "none", MS_SHARED | MS_REC, 0));
}
int clinux_mount_memory(const char *source, const char *target, const char *options) {
    return (int)clinux_result(mount(source, target, "tmpfs", MS_NOSUID | MS_NODEV, options));
}
int clinux_unmount(const char *target) { return (int)clinux_result(umount2(target, MNT_DETACH)); }

static void spawn_child(const struct clinux_spawn *r, int report, int parent) {
    struct { int code; int step; } failure = {0, 0};
#define STEP(number, call) do { failure.step = (number); if ((call) < 0) goto failed; } while (0)
    clinux_unblock_all_signals();
    signal(SIGPIPE, SIG_DFL);
    if (r->new_session) STEP(1, setsid());
    if (r->open_files > 0) {
        struct rlimit limit = {(rlim_t)r->open_files, (rlim_t)r->open_files};
        STEP(2, setrlimit(RLIMIT_NOFILE, &limit));
    }
    if (r->network_namespace >= 0) STEP(11, setns(r->network_namespace, CLONE_NEWNET));
    if (r->change_user && (geteuid() != r->user || getegid() != r->group)) {
        STEP(3, setgroups(0, 0));
        STEP(4, setgid(r->group));
        STEP(5, setuid(r->user));
    }
    if (r->death_signal) {
        STEP(6, prctl(PR_SET_PDEATHSIG, r->death_signal));  // after setuid, which clears it
        if (getppid() != parent) { errno = ESRCH; goto failed; }
    }
    if (r->directory) STEP(7, chdir(r->directory));
    int from[3] = {r->input, r->output, r->error};
    for (int i = 0; i < 3; i++)  // out of the way of 0…2 first
        if (from[i] >= 0 && from[i] < 3 && from[i] != i) STEP(8, from[i] = fcntl(from[i], F_DUPFD, 10));
    for (int i = 0; i < 3; i++) {
        if (from[i] < 0) continue;
        if (from[i] == i) STEP(9, fcntl(i, F_SETFD, 0));
        else STEP(9, dup2(from[i], i));
    }
    syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */);
    failure.step = 10;
    execve(r->executable, r->arguments, r->environment);
failed:
    failure.code = errno;
    if (write(report, &failure, sizeof failure) < 0) {}
    _exit(127);
#undef STEP
}

int clinux_spawn(const struct clinux_spawn *r, const char **step) {
    static const char *const names[] = {"fork", "setsid", "setrlimit", "setgroups", "setgid", "setuid",
                                        "prctl", "chdir", "fcntl", "dup2", "execve", "setns"};
    int report[2];
    *step = "pipe2";
    if (pipe2(report, O_CLOEXEC) < 0) return -errno;
    if (report[1] < 3) {  // ours were closed: the child's standard streams must not overwrite it
        int moved = fcntl(report[1], F_DUPFD_CLOEXEC, 3);
        int failure = errno;
        close(report[1]);
        if (moved < 0) { close(report[0]); return -failure; }
        report[1] = moved;
    }
    *step = names[0];
    int parent = getpid();
    sigset_t all, former;  // no handler of ours may run in the child
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    int pid = fork();
    int code = errno;
    if (pid == 0) {
        close(report[0]);
        spawn_child(r, report[1], parent);
    }
    pthread_sigmask(SIG_SETMASK, &former, 0);
    close(report[1]);
    if (pid < 0) { close(report[0]); return -code; }
    struct { int code; int step; } failure;
    ssize_t count;
    do count = read(report[0], &failure, sizeof failure); while (count < 0 && errno == EINTR);
    close(report[0]);
    if (count != sizeof failure) return pid;
    waitpid(pid, 0, 0);
    *step = names[failure.step];
    return -failure.code;
}

int clinux_pidfd_open(int pid) { return (int)clinux_result(syscall(SYS_pidfd_open, pid, 0)); }

int clinux_reap(int pid, int *value) {
    int status;
    int result = waitpid(pid, &status, WNOHANG);
    if (result < 0) return -errno;
    if (result == 0) return 0;
    *value = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    return WIFSIGNALED(status) ? 2 : 1;
}

int clinux_raise_open_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : (int)limit.rlim_cur;
}

int clinux_pidfd_signal(int pidfd, int signal) {
    return (int)clinux_result(syscall(SYS_pidfd_send_signal, pidfd, signal, 0, 0));
}

int clinux_open_files(int pid, int64_t set, uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (prlimit(pid, RLIMIT_NOFILE, 0, &limit) < 0) return -errno;
    if (set >= 0) {
        limit.rlim_cur = (rlim_t)set;
        if (prlimit(pid, RLIMIT_NOFILE, &limit, 0) < 0) return -errno;
    }
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}

#include <sys/mman.h>

// Runs in the forked child of a process with threads: only async-signal-safe calls.
struct burden {
    int64_t bytes;        // of memory
    int share_percent;    // of a processor
    int file;             // -1: none
    int64_t leave, most;  // of the file
};

// Takes what is free; less when others are quicker.
static void grow(const struct burden *load, int64_t *size) {
    struct statvfs facts;
    if (fstatvfs(0, &facts) < 0) return;
    int64_t block = (int64_t)facts.f_frsize, wanted = (int64_t)facts.f_bavail * block - load->leave;
    if (wanted > load->most - *size) wanted = load->most - *size;
    while (wanted >= block) {
        if (fallocate(0, 0, *size, wanted) == 0) {
            *size += wanted;
            return;
        }
        wanted /= 2;
    }
}

static void burden(const char *name, const struct burden *load, int64_t lease_ms, int parent) {
    int share_percent = load->share_percent;
    int64_t bytes = load->bytes, size = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, name);
    if (load->file >= 0 && dup2(load->file, 0) < 0) _exit(1);
    setsid();
    // Above all the guardian's lease: it must end with its owner. It also tells our parent that from
    // now on we can be found by our name.
    syscall(SYS_close_range, load->file >= 0 ? 1 : 0, ~0U, 0);
    clinux_unblock_all_signals();
    signal(SIGTERM, SIG_DFL);
    int score = open("/proc/self/oom_score_adj", O_WRONLY);  // when memory is short, we go first
    if (score >= 0) {
        if (write(score, "1000", 4) < 0) {}
        close(score);
    }
    int64_t end = clinux_monotonic_ns() + lease_ms * 1000000;
    if (bytes > 0) {
        char *memory = mmap(0, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) _exit(1);
        for (int64_t at = 0; at < bytes; at += 4096) memory[at] = 1;
        share_percent = 0;
    }
    while (getppid() == parent && clinux_monotonic_ns() < end) {
        int64_t period = clinux_monotonic_ns();
        if (load->file >= 0) grow(load, &size);
        while (clinux_monotonic_ns() - period < share_percent * 200000LL) {}
        int64_t left = period + 20000000 - clinux_monotonic_ns();
        struct timespec pause = {0, left};
        if (left > 0) nanosleep(&pause, 0);
    }
    _exit(0);
}

static int start_burden(const char *name, const struct burden *load, int64_t lease_ms) {
    int parent = getpid(), ready[2];
    if (pipe2(ready, O_CLOEXEC) < 0) return -errno;
    sigset_t all, former;  // no handler of ours may run in the child
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    int pid = fork();
    int code = errno;
    if (pid == 0) burden(name, load, lease_ms, parent);
    pthread_sigmask(SIG_SETMASK, &former, 0);
    close(ready[1]);
    char nothing;
    while (pid > 0 && read(ready[0], &nothing, 1) < 0 && errno == EINTR) {}
    close(ready[0]);
    return pid < 0 ? -code : pid;
}

int clinux_burden(const char *name, int64_t bytes, int share_percent, int64_t lease_ms) {
    struct burden load = {.bytes = bytes, .share_percent = share_percent, .file = -1};
    return start_burden(name, &load, lease_ms);
}

int clinux_fill(const char *name, const char *directory, int64_t leave, int64_t most, int64_t lease_ms) {
    int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) return -errno;
    struct burden load = {.file = file, .leave = leave, .most = most};
    int pid = start_burden(name, &load, lease_ms);
    close(file);
    return pid;
}

int clinux_file_system(const char *path, uint64_t *device, int64_t *free_bytes, int64_t *total_bytes) {
    struct stat file;
    struct statvfs facts;
    if (stat(path, &file) < 0 || statvfs(path, &facts) < 0) return -errno;
    *device = file.st_dev;
    *free_bytes = (int64_t)facts.f_bavail * (int64_t)facts.f_frsize;
    *total_bytes = (int64_t)facts.f_blocks * (int64_t)facts.f_frsize;
    return 0;
}

int64_t clinux_disk_usage(const char *path) {
    struct stat file;
    return stat(path, &file) < 0 ? -errno : (int64_t)file.st_blocks * 512;
}
