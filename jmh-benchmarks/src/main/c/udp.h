// Datagram sockets: regions sent as segments, and batches that are received.
#pragma once
#include "compare.h"
#include <netinet/udp.h>

enum { BATCH = 64, MAX_SEGMENTS = 64, MAX_BYTES = 65536, MAX_PAYLOAD = 65507, CONTROL_BYTES = 192 };

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

// A region that the kernel cuts.
struct segmented {
    struct msghdr message;
    struct iovec part;
    char control[CMSG_SPACE(sizeof(uint16_t))];
    char region[MAX_BYTES];
};

// As many segments of a size as go into one; their number.
static inline int segment(struct segmented *out, int size) {
    int segments = MAX_PAYLOAD / size < MAX_SEGMENTS ? MAX_PAYLOAD / size : MAX_SEGMENTS;
    out->part = (struct iovec) {out->region, (size_t) segments * size};
    out->message = (struct msghdr) {.msg_iov = &out->part, .msg_iovlen = 1,
        .msg_control = out->control, .msg_controllen = sizeof out->control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&out->message);
    header->cmsg_level = IPPROTO_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    *(uint16_t *) CMSG_DATA(header) = size;
    return segments;
}

struct batch {
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    struct sockaddr_in names[BATCH];
    char control[BATCH][CONTROL_BYTES];
    int slots, slot_bytes;
};

static inline void prepare(struct batch *in, char *region, int slots, int slot_bytes) {
    in->slots = slots;
    in->slot_bytes = slot_bytes;
    for (int i = 0; i < slots; i++) {
        in->parts[i].iov_base = region + (size_t) i * slot_bytes;
        in->messages[i].msg_hdr = (struct msghdr) {.msg_name = &in->names[i],
            .msg_iov = &in->parts[i], .msg_iovlen = 1, .msg_control = in->control[i]};
    }
}

static inline int take(int fd, struct batch *in) {
    for (int i = 0; i < in->slots; i++) {
        in->parts[i].iov_len = in->slot_bytes;
        in->messages[i].msg_hdr.msg_namelen = sizeof in->names[i];
        in->messages[i].msg_hdr.msg_controllen = CONTROL_BYTES;
    }
    return recvmmsg(fd, in->messages, in->slots, MSG_DONTWAIT, NULL);
}

// How many datagrams were received, those that came as one told apart.
static inline uint64_t datagrams(struct batch *in, int n) {
    uint64_t total = 0;
    for (int i = 0; i < n; i++) {
        int length = in->messages[i].msg_len;
        int size = 0;
        struct msghdr *message = &in->messages[i].msg_hdr;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
            if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
                size = *(int *) CMSG_DATA(c);
            }
        }
        total += size > 0 && length > size ? (length + size - 1) / size : 1;
    }
    return total;
}

static inline void answer(int fd, struct batch *in, int n) {
    for (int i = 0; i < n; i++) {
        in->parts[i].iov_len = in->messages[i].msg_len;
        in->messages[i].msg_hdr.msg_controllen = 0;
    }
    int sent = sendmmsg(fd, in->messages, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        fail("sendmmsg: %s", strerror(errno));
    }
}

static inline int bound(const char *port) {
    struct sockaddr_in at = tcp_address("127.0.0.1", port);
    int fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
    must(bind(fd, (struct sockaddr *) &at, sizeof at), "bind");
    return fd;
}

static inline int connected(const char *port) {
    struct sockaddr_in at = tcp_address("127.0.0.1", port);
    int fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
    must(connect(fd, (struct sockaddr *) &at, sizeof at), "connect");
    return fd;
}

static inline int port_of(int fd) {
    struct sockaddr_in at;
    socklen_t length = sizeof at;
    must(getsockname(fd, (struct sockaddr *) &at, &length), "getsockname");
    return ntohs(at.sin_port);
}
