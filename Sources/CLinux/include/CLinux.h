#pragma once
// CLinux: what Glibc hides from Swift — epoll, eventfd, timerfd, signalfd, pidfd, accept4, splice — as typed,
// static inline wrappers without logic. Every function returns -errno on failure.
// (_GNU_SOURCE stays out of this header: with it, types here would differ from those of the Glibc module.)
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static inline int clinux_errno(void) { return errno; }
static inline long clinux_result(long value) { return value < 0 ? -(long)errno : value; }

// epoll
static inline int clinux_epoll_create(void) { return (int)clinux_result(epoll_create1(EPOLL_CLOEXEC)); }
static inline int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data.u64 = data};
    return (int)clinux_result(epoll_ctl(epoll, operation, descriptor, &event));
}
// timeout_ns < 0 waits for ever.
int clinux_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t timeout_ns);
static inline uint64_t clinux_event_data(const struct epoll_event *events, int index) { return events[index].data.u64; }
static inline uint32_t clinux_event_flags(const struct epoll_event *events, int index) { return events[index].events; }
static inline int clinux_eventfd(void) { return (int)clinux_result(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

// time
static inline int64_t clinux_monotonic_ns(void) {
    struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
static inline int64_t clinux_wall_us(void) {
    struct timespec t; clock_gettime(CLOCK_REALTIME, &t); return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

// the loop of the current thread
void *clinux_current_loop(void);
void clinux_set_current_loop(void *loop);
// At most 15 bytes.
void clinux_name_thread(const char *name);
void clinux_sharpen_timers(void);

// How many processors this process may use, at least 1.
int clinux_processor_count(void);

// sockets
int clinux_socket(int family);
int clinux_accept(int listener);
// Address forms: family AF_INET / AF_INET6 with text and port, AF_UNIX with a path. 0 or -errno (-EINVAL: not an address).
int clinux_address(int family, const char *text, uint16_t port, struct sockaddr_storage *out, socklen_t *length);
int clinux_bind(int descriptor, const struct sockaddr_storage *address, socklen_t length);
int clinux_connect(int descriptor, const struct sockaddr_storage *address, socklen_t length);
static inline int clinux_listen(int descriptor, int backlog) { return (int)clinux_result(listen(descriptor, backlog)); }
// Local (peer = 0) or peer address: family, text (>= 110 bytes) and port.
int clinux_name(int descriptor, int peer, char *text, size_t capacity, uint16_t *port);
int clinux_option(int descriptor, int level, int name, int value);
static inline int clinux_nodelay(int descriptor) { return clinux_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1); }
static inline int clinux_reuse_address(int descriptor) { return clinux_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1); }
static inline int clinux_socket_error(int descriptor) {
    int error = 0; socklen_t length = sizeof error;
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? errno : error;
}
// SO_LINGER with 0 seconds: the next close sends RST.
static inline int clinux_reset_on_close(int descriptor) {
    struct linger l = {.l_onoff = 1, .l_linger = 0};
    return (int)clinux_result(setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &l, sizeof l));
}
static inline long clinux_send(int descriptor, const void *bytes, size_t count) {
    ssize_t sent = send(descriptor, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == ENOTSOCK) sent = write(descriptor, bytes, count);  // a pipe
    return clinux_result(sent);
}
static inline long clinux_receive(int descriptor, void *bytes, size_t count) {
    ssize_t received = recv(descriptor, bytes, count, MSG_DONTWAIT);
    if (received < 0 && errno == ENOTSOCK) received = read(descriptor, bytes, count);  // a pipe
    return clinux_result(received);
}
static inline long clinux_read(int descriptor, void *bytes, size_t count) { return clinux_result(read(descriptor, bytes, count)); }
static inline long clinux_write(int descriptor, const void *bytes, size_t count) { return clinux_result(write(descriptor, bytes, count)); }
static inline int clinux_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return (int)clinux_result(flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK));
}

// Unix sockets that keep messages apart (SOCK_SEQPACKET) and carry descriptors; they do not block
int clinux_message_pair(int ends[2]);
int clinux_message_socket(void);
// `descriptor` travels along as a copy; -1: none. The bytes sent, or -errno.
long clinux_send_message(int socket, const void *bytes, size_t count, int descriptor);
// The bytes of one message, 0 at the end, or -errno (-EMSGSIZE: longer than the capacity); `descriptor` is -1 when
// none came along.
long clinux_receive_message(int socket, void *bytes, size_t capacity, int *descriptor);
// A second descriptor for the same thing, closed by exec.
int clinux_duplicate(int descriptor);

// pipes and splice
int clinux_pipe(int ends[2]);
int clinux_pipe_nonblocking(int ends[2]);
int clinux_pipe_size(int descriptor, int bytes);
long clinux_splice(int from, int to, size_t count);

// namespaces and mounts; a network namespace belongs to the calling *thread*
int clinux_open_path(const char *path);
int clinux_enter_network(int descriptor);
int clinux_unshare_network(void);
int clinux_bind_mount(const char *source, const char *target);
int clinux_share_mount(const char *target);
int clinux_mount_memory(const char *source, const char *target, const char *options);
int clinux_unmount(const char *target);

// netfilter and raw packets
// A socket to netfilter (nfnetlink) that does not block.
int clinux_netfilter_socket(int receive_buffer);
// A socket that sends IPv4 packets as they are (raw(7)).
int clinux_raw_ip_socket(void);
long clinux_send_raw_ip(int descriptor, const uint8_t *packet, size_t count);

// signals
// Blocks the signals in the calling thread and returns a descriptor that reads them.
int clinux_signalfd(const int *signals, int count);
// The number of the next signal read from the descriptor, or -errno.
int clinux_signalfd_read(int descriptor);
void clinux_unblock_all_signals(void);
void clinux_ignore_sigpipe(void);

// processes
struct clinux_spawn {
    const char *executable;
    char *const *arguments;     // argv, ending with NULL
    char *const *environment;   // envp, ending with NULL
    const char *directory;      // NULL: inherit
    int input, output, error;   // descriptors for 0, 1, 2; -1: inherit
    int change_user;            // 1: setgroups, setgid, setuid
    uint32_t user, group;
    int new_session;            // 1: setsid
    int death_signal;           // 0: none; sent when the spawning *thread* dies
    long open_files;            // RLIMIT_NOFILE; 0: inherit
    int network_namespace;      // a descriptor of one; -1: inherit
};
// The child's pid, or -errno of what failed; `step` names the failed call.
int clinux_spawn(const struct clinux_spawn *request, const char **step);
int clinux_pidfd_open(int pid);
// Reaps a child: kind 0 not yet, 1 exited (value: status), 2 signalled (value: signal); -errno.
int clinux_reap(int pid, int *value);
int clinux_raise_open_files(void);
int clinux_pidfd_signal(int pidfd, int signal);
// RLIMIT_NOFILE of a process: reads both limits, and sets the soft one when `set` is not negative.
int clinux_open_files(int pid, int64_t set, uint64_t *soft, uint64_t *hard);
// A child that keeps a processor busy (bytes = 0; for share_percent of each 20 ms) or holds memory,
// until it is killed, `lease_ms` are over, or the calling thread dies. The kernel shows it by `name`
// (at most 15 bytes). Its descriptors are closed. The pid, or -errno.
int clinux_burden(const char *name, int64_t bytes, int share_percent, int64_t lease_ms);
// The same, holding a file without a name at descriptor 0, which grows until only `leave` bytes are free on its
// file system, or it has `most`: with the child the file goes.
int clinux_fill(const char *name, const char *directory, int64_t leave, int64_t most, int64_t lease_ms);
// The device of a path; what is free there for all, and how big its file system is, bytes; -errno.
int clinux_file_system(const char *path, uint64_t *device, int64_t *free_bytes, int64_t *total_bytes);
// The bytes that a file takes on its disk, or -errno.
int64_t clinux_disk_usage(const char *path);
