// netcat PATH: splices stdin, a pipe, to the Unix socket at PATH, then shuts its side.
#include "compare.h"

int main(int argc, char **argv) {
    if (argc != 2) {
        fail("usage: netcat PATH");
    }
    struct sockaddr_un at = unix_address(argv[1]);
    int fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    must(connect(fd, (struct sockaddr *) &at, sizeof at), argv[1]);
    widen(0);
    splice_all(0, fd);
    must(shutdown(fd, SHUT_WR), "shutdown");
    return 0;
}
