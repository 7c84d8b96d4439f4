// load HOST PORT CONNECTIONS SIZE MS: an echo client, one message under way a connection; prints
// "measuring" when all are open and under way, then messages/s. One connection blocks in recv, more of them use epoll. Each message carries its
// number, and what comes back must be what went out.
#include "compare.h"
#include <sys/epoll.h>

enum { STALL_MS = 5000, EVENTS = 256, NUMBER_BYTES = 8, PAUSE_US = 50000 };

struct connection {
    int fd;
    uint64_t number;
    size_t sent, received;
    char *out, *in;
};

static size_t size;

static void renumber(struct connection *c) {
    c->number++;
    c->sent = 0;
    c->received = 0;
    memcpy(c->out, &c->number, NUMBER_BYTES);
}

static void check(const struct connection *c) {
    if (memcmp(c->in, c->out, size) != 0) {
        fail("message %llu came back changed", (unsigned long long) c->number);
    }
}

static void open_connection(struct connection *c, const struct sockaddr_in *at) {
    c->fd = tcp_connect(at);
    no_delay(c->fd);
    c->in = calloc(1, size);
    c->out = malloc(size);
    if (c->in == NULL || c->out == NULL) {
        fail("out of memory");
    }
    for (size_t i = 0; i < size; i++) {
        c->out[i] = (char) (i * 31 + c->fd);
    }
    renumber(c);
}

// Bytes moved, or 0 if none can be now.
static size_t moved(ssize_t n, const char *what) {
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        fail("%s: %s", what, strerror(errno));
    }
    return n < 0 ? 0 : n;
}

static void send_some(struct connection *c) {
    if (c->sent < size) {
        c->sent += moved(send(c->fd, c->out + c->sent, size - c->sent,
                MSG_NOSIGNAL | MSG_DONTWAIT), "send");
    }
}

static void receive_some(struct connection *c, int flags) {
    ssize_t n = recv(c->fd, c->in + c->received, size - c->received, flags);
    if (n == 0) {
        fail("the server ended a connection");
    }
    c->received += moved(n, "recv");
}

static int64_t measuring(void) {
    puts("measuring");
    fflush(stdout);
    usleep(PAUSE_US); // for whoever reads it
    return now_ns();
}

static double seconds_since(int64_t begin) {
    return (now_ns() - begin) / 1e9;
}

// One connection: messages until the time is up, with a limit on a stall.
static double alone(struct connection *c, int64_t ns) {
    struct timeval limit = {.tv_sec = STALL_MS / 1000};
    must(setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), "SO_RCVTIMEO");
    uint64_t messages = 0;
    int64_t begin = measuring();
    for (int64_t now = begin, since = now; now - begin < ns; since = now) {
        while (c->received < size) {
            size_t before = c->sent + c->received;
            send_some(c); // a full socket empties as we receive
            receive_some(c, 0);
            if (c->sent + c->received == before && now_ns() - since > STALL_MS * 1000000LL) {
                fail("no answer for %d ms", STALL_MS);
            }
        }
        check(c);
        messages++;
        renumber(c);
        now = now_ns();
    }
    return messages / seconds_since(begin);
}

static void watch(int epoll, struct connection *c, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    must(epoll_ctl(epoll, operation, c->fd, &event), "epoll_ctl");
}

// Starts a message; a part that found no room goes when there is some.
static void start(int epoll, struct connection *c) {
    send_some(c);
    if (c->sent < size) {
        watch(epoll, c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    }
}

// 1 if that completed a message, and the next one is under way.
static int turn(int epoll, struct connection *c, uint32_t events) {
    if (events & EPOLLOUT) {
        send_some(c);
        if (c->sent == size) {
            watch(epoll, c, EPOLL_CTL_MOD, EPOLLIN);
        }
    }
    if (!(events & ~EPOLLOUT)) {
        return 0;
    }
    receive_some(c, MSG_DONTWAIT);
    if (c->received < size) {
        return 0;
    }
    check(c);
    renumber(c);
    start(epoll, c);
    return 1;
}

static double together(struct connection *all, long count, int64_t ns) {
    int epoll = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    for (long i = 0; i < count; i++) {
        watch(epoll, &all[i], EPOLL_CTL_ADD, EPOLLIN);
        start(epoll, &all[i]);
    }
    uint64_t messages = 0;
    struct epoll_event events[EVENTS];
    int64_t begin = measuring();
    while (now_ns() - begin < ns) {
        int n = epoll_wait(epoll, events, EVENTS, STALL_MS);
        if (n == 0) {
            fail("no answer for %d ms", STALL_MS);
        }
        if (n < 0 && errno != EINTR) {
            fail("epoll_wait: %s", strerror(errno));
        }
        for (int i = 0; i < n; i++) {
            messages += turn(epoll, events[i].data.ptr, events[i].events);
        }
    }
    return messages / seconds_since(begin);
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fail("usage: load HOST PORT CONNECTIONS SIZE MS");
    }
    struct sockaddr_in at = tcp_address(argv[1], argv[2]);
    long count = number(argv[3], 1);
    size = number(argv[4], NUMBER_BYTES);
    long ms = number(argv[5], 1);
    raise_descriptor_limit();
    struct connection *all = calloc(count, sizeof *all);
    if (all == NULL) {
        fail("out of memory");
    }
    for (long i = 0; i < count; i++) {
        open_connection(&all[i], &at);
    }
    printf("%.0f\n", count == 1 ? alone(all, ms * 1000000) : together(all, count, ms * 1000000));
    fflush(stdout);
    usleep(PAUSE_US); // the server's marks come before the ends of all connections
    return 0;
}
