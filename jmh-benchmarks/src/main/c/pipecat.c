// pipecat PATH: takes one connection on the Unix socket PATH and splices it to stdout, a pipe.
#include "compare.h"

int main(int argc, char **argv) {
    if (argc != 2) {
        fail("usage: pipecat PATH");
    }
    struct sockaddr_un at = unix_address(argv[1]);
    int listener = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    unlink(argv[1]);
    must(bind(listener, (struct sockaddr *) &at, sizeof at), argv[1]);
    must(listen(listener, 1), "listen");
    int fd = must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
    widen(1);
    splice_all(fd, 1);
    unlink(argv[1]);
    return 0;
}
