// tlsecho [-b] PORT CERTIFICATE KEY: a TLS 1.3 echo server on 127.0.0.1 over epoll and the system's
// OpenSSL; -b polls with no timeout, busily. For short messages: it waits for room where a socket is
// full. It speaks the protocol of marks.h.
#include "marks.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/epoll.h>

enum { BUFFER_BYTES = 16 << 10, EVENTS = 256 };

struct connection {
    int fd;
    SSL *ssl;
};

static char buffer[BUFFER_BYTES];
static SSL_CTX *context;
static int epoll;

static void check(int ok, const char *what) {
    if (!ok) {
        ERR_print_errors_fp(stderr);
        fail("%s", what);
    }
}

static SSL_CTX *open_context(const char *certificate, const char *key) {
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());
    check(c != NULL, "SSL_CTX_new");
    SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    check(SSL_CTX_use_certificate_chain_file(c, certificate), certificate);
    check(SSL_CTX_use_PrivateKey_file(c, key, SSL_FILETYPE_PEM), key);
    return c;
}

static void watch(struct connection *c) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event), "epoll_ctl");
}

static void accept_one(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    struct connection *c = calloc(1, sizeof *c);
    check(c != NULL && (c->ssl = SSL_new(context)) != NULL, "out of memory");
    no_delay(fd);
    c->fd = fd;
    SSL_set_fd(c->ssl, fd);
    SSL_set_accept_state(c->ssl);
    watch(c);
}

static void finish(struct connection *c) {
    SSL_free(c->ssl);
    close(c->fd);
    free(c);
}

// Whether all of it was sent.
static int give(struct connection *c, size_t length) {
    size_t n;
    while (!SSL_write_ex(c->ssl, buffer, length, &n)) {
        struct pollfd room = {.fd = c->fd, .events = POLLOUT};
        if (SSL_get_error(c->ssl, 0) != SSL_ERROR_WANT_WRITE || poll(&room, 1, -1) < 0) {
            return 0;
        }
    }
    return 1;
}

static void readable(struct connection *c) {
    size_t n;
    ERR_clear_error();
    while (SSL_read_ex(c->ssl, buffer, BUFFER_BYTES, &n)) {
        count(1);
        if (!give(c, n)) {
            finish(c);
            return;
        }
        if (!SSL_has_pending(c->ssl)) {
            return; // epoll tells if more comes
        }
    }
    if (SSL_get_error(c->ssl, 0) != SSL_ERROR_WANT_READ) {
        finish(c);
    }
}

int main(int argc, char **argv) {
    int busy = argc == 5 && strcmp(argv[1], "-b") == 0;
    if (argc != 4 + busy) {
        fail("usage: tlsecho [-b] PORT CERTIFICATE KEY");
    }
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    context = open_context(argv[argc - 2], argv[argc - 1]);
    struct connection listener = {.fd = listen_on(argv[argc - 3])};
    epoll = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    watch(&listener);
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
            } else {
                readable(c);
            }
        }
    }
}
