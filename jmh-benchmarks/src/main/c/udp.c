// udp send gso|mmsg|one SIZE PORT [BATCH]   sends to 127.0.0.1:PORT for ever
// udp receive gro|mmsg SIZE PORT [BATCH]    receives, PORT 0 being any
// udp echo [busy] PORT                      answers, and waits in the kernel, or busily
//
// The peers of Penstock's datagram sockets, with the same system calls: batches of 64, or
// less, regions of up to 64 segments. They speak the protocol of marks.h.
#include "marks.h"
#include "udp.h"
#include <sys/epoll.h>

// Some of SURELY datagrams are joined, if any ever are.
enum { RECEIVES_A_TURN = 4, SLOT_BYTES = 2048, SURELY = 1000 };

static void *memory(size_t bytes) {
    void *region = calloc(1, bytes);
    if (region == NULL) {
        fail("out of memory");
    }
    return region;
}

static void send_segments(int fd, int size) {
    static struct segmented out;
    int segments = segment(&out, size);
    for (;;) {
        if (sendmsg(fd, &out.message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
            count(segments);
        }
    }
}

static int slots = BATCH;

static void send_batches(int fd, int size) {
    static struct mmsghdr out[BATCH];
    static struct iovec parts[BATCH];
    char *region = memory((size_t) BATCH * SLOT_BYTES);
    for (int i = 0; i < slots; i++) {
        parts[i] = (struct iovec) {region + i * SLOT_BYTES, size};
        out[i].msg_hdr = (struct msghdr) {.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    for (;;) {
        int n = sendmmsg(fd, out, slots, MSG_DONTWAIT | MSG_NOSIGNAL);
        count(n > 0 ? n : 0);
    }
}

static void send_singly(int fd, int size) {
    char *region = memory(size);
    for (;;) {
        count(send(fd, region, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0);
    }
}

static int watch(int fd) {
    int epoll = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
    return epoll;
}

static void await(int epoll) {
    struct epoll_event event;
    if (epoll_wait(epoll, &event, 1, -1) < 0 && errno != EINTR) {
        fail("epoll_wait: %s", strerror(errno));
    }
}

static void receive(int fd, int slot_bytes) {
    struct batch in;
    prepare(&in, memory((size_t) BATCH * slot_bytes), slots, slot_bytes);
    int epoll = watch(fd);
    uint64_t received = 0, regions = 0;
    for (;;) {
        await(epoll);
        int n = slots;
        for (int i = 0; i < RECEIVES_A_TURN && n == slots; i++) {
            n = take(fd, &in);
            uint64_t more = n > 0 ? datagrams(&in, n) : 0;
            count(more);
            received += more;
            regions += n > 0 ? n : 0;
        }
        if (slot_bytes == MAX_BYTES && received > SURELY && regions == received) {
            fail("the kernel joins no segments");
        }
    }
}

static void echo(int fd, int busy) {
    struct batch in;
    prepare(&in, memory((size_t) BATCH * SLOT_BYTES), BATCH, SLOT_BYTES);
    int epoll = watch(fd);
    for (;;) {
        if (!busy) {
            await(epoll);
        }
        int n = BATCH;
        for (int i = 0; i < RECEIVES_A_TURN && n == BATCH; i++) {
            n = take(fd, &in);
            if (n > 0) {
                count(n);
                answer(fd, &in, n);
            }
        }
    }
}

static int open_bound(const char *port, int gro) {
    int fd = bound(port);
    int bytes = 4 << 20;
    must(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes), "SO_RCVBUFFORCE");
    must(setsockopt(fd, IPPROTO_UDP, UDP_GRO, &gro, sizeof gro), "UDP_GRO");
    ready(port_of(fd));
    answer_marks();
    return fd;
}

int main(int argc, char **argv) {
    if (argc == 6) {
        slots = number(argv[5], 1) < BATCH ? number(argv[5], 1) : BATCH;
        argc--;
    }
    if (argc == 5 && strcmp(argv[1], "send") == 0) {
        int fd = connected(argv[4]);
        int size = number(argv[3], 1);
        ready(0);
        answer_marks();
        (strcmp(argv[2], "gso") == 0 ? send_segments
                : strcmp(argv[2], "mmsg") == 0 ? send_batches : send_singly)(fd, size);
    } else if (argc == 5 && strcmp(argv[1], "receive") == 0) {
        int gro = strcmp(argv[2], "gro") == 0;
        receive(open_bound(argv[4], gro), gro ? MAX_BYTES : SLOT_BYTES);
    } else if (argc == 3 && strcmp(argv[1], "echo") == 0) {
        echo(open_bound(argv[2], 0), 0);
    } else if (argc == 4 && strcmp(argv[1], "echo") == 0) {
        echo(open_bound(argv[3], 0), strcmp(argv[2], "busy") == 0);
    } else {
        fail("usage: udp send gso|mmsg|one SIZE PORT [BATCH], "
                "receive gro|mmsg SIZE PORT [BATCH], echo [busy] PORT");
    }
}
