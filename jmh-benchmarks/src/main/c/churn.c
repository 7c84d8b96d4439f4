// churn HOST PORT N: connects and resets N times, one after the other; prints connections/s.
#include "compare.h"

int main(int argc, char **argv) {
    if (argc != 4) {
        fail("usage: churn HOST PORT N");
    }
    struct sockaddr_in at = tcp_address(argv[1], argv[2]);
    long count = number(argv[3], 1);
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int64_t start = now_ns();
    for (long i = 0; i < count; i++) {
        int fd = tcp_connect(&at);
        must(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), "SO_LINGER");
        close(fd);
    }
    printf("%.0f\n", count * 1e9 / (now_ns() - start));
    return 0;
}
