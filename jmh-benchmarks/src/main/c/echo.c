// echo [-b] PORT: a TCP echo server on 127.0.0.1 over epoll; -b polls with no timeout, busily.
//
// It speaks the protocol of marks.h.
#include "marks.h"
#include <sys/epoll.h>

enum { BUFFER_BYTES = 64 << 10, EVENTS = 256 };

struct connection {
    int fd;
    char *tail; // what a short write left over; while there is some, nothing is read
    size_t offset, length;
};

static char buffer[BUFFER_BYTES];
static int epoll;

static void finish(struct connection *c) {
    close(c->fd);
    free(c->tail);
    free(c);
}

static void watch(struct connection *c, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    must(epoll_ctl(epoll, operation, c->fd, &event), "epoll_ctl");
}

static void accept_one(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            fail("accept: %s", strerror(errno));
        }
        return;
    }
    struct connection *c = calloc(1, sizeof *c);
    if (c == NULL) {
        fail("out of memory");
    }
    no_delay(fd);
    c->fd = fd;
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
}

// Bytes sent, 0 if there is no room, -1 if the connection is lost.
static ssize_t give(int fd, const char *from, size_t length) {
    ssize_t n = send(fd, from, length, MSG_NOSIGNAL);
    return n >= 0 ? n : errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static void keep(struct connection *c, const char *from, size_t length) {
    c->tail = malloc(length);
    if (c->tail == NULL) {
        fail("out of memory");
    }
    memcpy(c->tail, from, length);
    c->offset = 0;
    c->length = length;
    watch(c, EPOLL_CTL_MOD, EPOLLOUT);
}

static void readable(struct connection *c) {
    ssize_t n = recv(c->fd, buffer, BUFFER_BYTES, 0);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            finish(c);
        }
        return;
    }
    count(1);
    ssize_t sent = give(c->fd, buffer, n);
    if (sent < 0) {
        finish(c);
    } else if (sent < n) {
        keep(c, buffer + sent, n - sent);
    }
}

static void writable(struct connection *c) {
    ssize_t sent = give(c->fd, c->tail + c->offset, c->length);
    if (sent < 0) {
        finish(c);
        return;
    }
    c->offset += sent;
    c->length -= sent;
    if (c->length == 0) {
        free(c->tail);
        c->tail = NULL;
        watch(c, EPOLL_CTL_MOD, EPOLLIN);
    }
}

int main(int argc, char **argv) {
    int busy = argc == 3 && strcmp(argv[1], "-b") == 0;
    if (argc != 2 + busy) {
        fail("usage: echo [-b] PORT");
    }
    raise_descriptor_limit();
    struct connection listener = {.fd = listen_on(argv[argc - 1])};
    epoll = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    watch(&listener, EPOLL_CTL_ADD, EPOLLIN);
    answer_marks();
    struct epoll_event events[EVENTS];
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, busy ? 0 : -1);
        if (n < 0 && errno != EINTR) {
            fail("epoll_wait: %s", strerror(errno));
        }
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (c == &listener) {
                accept_one(c->fd);
            } else if (c->tail != NULL) {
                writable(c);
            } else {
                readable(c);
            }
        }
    }
}
