#pragma once
// What the programs share: dying with a reason, the clock, and the usual socket calls.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static inline void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

// The result of a call, unless it failed.
static inline int must(int result, const char *what) {
    if (result < 0) {
        fail("%s: %s", what, strerror(errno));
    }
    return result;
}

static inline int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline long number(const char *text, long least) {
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end != 0 || value < least) {
        fail("%s: expected a number of at least %ld", text, least);
    }
    return value;
}

static inline struct sockaddr_in tcp_address(const char *host, const char *port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(number(port, 0))};
    if (inet_pton(AF_INET, host, &at.sin_addr) != 1) {
        fail("%s: not an IPv4 address", host);
    }
    return at;
}

static inline struct sockaddr_un unix_address(const char *path) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof at.sun_path) {
        fail("%s: too long", path);
    }
    strcpy(at.sun_path, path);
    return at;
}

static inline void no_delay(int fd) {
    int on = 1;
    must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
}

static inline int tcp_connect(const struct sockaddr_in *at) {
    int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    must(connect(fd, (const struct sockaddr *) at, sizeof *at), "connect");
    return fd;
}

// As many descriptors as the system lets this process have.
static inline void raise_descriptor_limit(void) {
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

// Room for 1 MiB in a pipe, if fd is one and the system allows it; slower, not wrong, without.
static inline void widen(int fd) {
    (void) fcntl(fd, F_SETPIPE_SZ, 1 << 20);
}

// Splices until the end of input; either side has to be a pipe. The bytes moved.
static inline uint64_t splice_all(int from, int to) {
    uint64_t total = 0;
    for (;;) {
        ssize_t n = splice(from, NULL, to, NULL, 1 << 20, SPLICE_F_MOVE | SPLICE_F_MORE);
        if (n == 0) {
            return total;
        }
        if (n > 0) {
            total += n;
        } else if (errno != EINTR) {
            fail("splice: %s", strerror(errno));
        }
    }
}
