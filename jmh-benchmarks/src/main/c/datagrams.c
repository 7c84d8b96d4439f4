// datagrams flood SIZE PORT MS         sends regions of segments to 127.0.0.1:PORT
// datagrams sink MS                    receives; prints its port, as "ready PORT"
// datagrams ask SENDERS SIZE PORT MS   an echo's client: 64 messages under way, each from the next
//                                      of so many sockets; prints messages/s
//
// The other sides of what compare/run measures over UDP.
#include "compare.h"
#include "udp.h"
#include <sys/epoll.h>

enum { UNDER_WAY = 64, EVENTS = 64, STALL_MS = 200 };

static void flood(int size, const char *port, int64_t deadline) {
    static struct segmented out;
    int fd = connected(port);
    segment(&out, size);
    while (now_ns() < deadline) {
        for (int i = 0; i < 16; i++) {
            (void) !sendmsg(fd, &out.message, MSG_NOSIGNAL); // refused: nobody is there yet
        }
    }
}

static void sink(int64_t deadline) {
    struct batch in;
    char *region = malloc((size_t) BATCH * MAX_BYTES);
    int fd = bound("0");
    int on = 1;
    int bytes = 4 << 20;
    must(setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on), "UDP_GRO");
    must(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes), "SO_RCVBUFFORCE");
    prepare(&in, region, BATCH, MAX_BYTES);
    printf("ready %d\n", port_of(fd));
    fflush(stdout);
    while (now_ns() < deadline) {
        take(fd, &in); // busily: the sender must not pay for waking anybody
    }
}

static void send_from(int fd, const char *out, int size) {
    if (send(fd, out, size, MSG_NOSIGNAL) < 0) {
        fail("send: %s", strerror(errno));
    }
}

// Lost messages are sent anew: UDP may lose them, though loopback seldom does.
static uint64_t ask(int senders, int size, const char *port, int64_t deadline) {
    int *fds = calloc(senders, sizeof *fds);
    char *out = calloc(1, size);
    char *in = malloc(size);
    int epoll = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    for (int i = 0; i < senders; i++) {
        fds[i] = connected(port);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fds[i]};
        must(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event), "epoll_ctl");
    }
    int next = 0;
    for (int i = 0; i < UNDER_WAY; i++, next = (next + 1) % senders) {
        send_from(fds[next], out, size);
    }
    uint64_t messages = 0;
    struct epoll_event events[EVENTS];
    while (now_ns() < deadline) {
        int n = epoll_wait(epoll, events, EVENTS, STALL_MS);
        if (n <= 0) {
            send_from(fds[next], out, size);
            next = (next + 1) % senders;
        }
        for (int i = 0; i < n; i++) {
            if (recv(events[i].data.fd, in, size, MSG_DONTWAIT) == size) {
                messages++;
                send_from(fds[next], out, size);
                next = (next + 1) % senders;
            }
        }
    }
    return messages;
}

int main(int argc, char **argv) {
    raise_descriptor_limit();
    if (argc == 5 && strcmp(argv[1], "flood") == 0) {
        flood(number(argv[2], 1), argv[3], now_ns() + number(argv[4], 1) * 1000000LL);
    } else if (argc == 3 && strcmp(argv[1], "sink") == 0) {
        sink(now_ns() + number(argv[2], 1) * 1000000LL);
    } else if (argc == 6 && strcmp(argv[1], "ask") == 0) {
        long ms = number(argv[5], 1);
        uint64_t messages = ask(number(argv[2], 1), number(argv[3], 1), argv[4],
                now_ns() + ms * 1000000LL);
        printf("%.0f\n", messages * 1000.0 / ms);
    } else {
        fail("usage: datagrams flood SIZE PORT MS, sink MS, ask SENDERS SIZE PORT MS");
    }
}
