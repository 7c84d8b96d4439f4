#pragma once
// The protocol of compare/run's servers: "ready PORT" once it listens; for a line on stdin a line
// "bytes messages cpu_ns" since the one before (bytes is -1: there is no Java heap); the end of
// stdin ends it. The thread that waits for those lines also makes the process one of two threads,
// as every Java process is: the kernel looks descriptors up slower then.
#include "compare.h"
#include <pthread.h>

static uint64_t messages; // written by the loop, read by the other thread

static inline void count(uint64_t n) {
    __atomic_store_n(&messages, messages + n, __ATOMIC_RELAXED);
}

static inline void ready(int port) {
    printf("ready %d\n", port);
    fflush(stdout);
}

// A TCP server's listening socket, which says so.
static inline int listen_on(const char *port) {
    struct sockaddr_in at = tcp_address("127.0.0.1", port);
    socklen_t length = sizeof at;
    int on = 1;
    int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
    must(bind(fd, (struct sockaddr *) &at, sizeof at), "bind");
    must(listen(fd, 4096), "listen");
    must(getsockname(fd, (struct sockaddr *) &at, &length), "getsockname");
    ready(ntohs(at.sin_port));
    return fd;
}

static inline int64_t cpu_ns(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000LL
            + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000LL;
}

static void *marks(void *unused) {
    uint64_t last_messages = 0;
    int64_t last_cpu = 0;
    for (int c; (c = getchar()) != EOF;) {
        if (c == '\n') {
            uint64_t now = __atomic_load_n(&messages, __ATOMIC_RELAXED);
            int64_t cpu = cpu_ns();
            printf("-1 %llu %lld\n", (unsigned long long) (now - last_messages),
                    (long long) (cpu - last_cpu));
            fflush(stdout);
            last_messages = now;
            last_cpu = cpu;
        }
    }
    exit(0);
    return unused;
}

static inline void answer_marks(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, marks, NULL) != 0) {
        fail("pthread_create");
    }
}
