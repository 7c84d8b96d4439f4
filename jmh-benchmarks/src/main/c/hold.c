// hold HOST PORT N: opens N connections, prints "held N", and keeps them until stdin ends.
#include "compare.h"

int main(int argc, char **argv) {
    if (argc != 4) {
        fail("usage: hold HOST PORT N");
    }
    struct sockaddr_in at = tcp_address(argv[1], argv[2]);
    long count = number(argv[3], 1);
    raise_descriptor_limit();
    for (long i = 0; i < count; i++) {
        tcp_connect(&at);
    }
    printf("held %ld\n", count);
    fflush(stdout);
    while (getchar() != EOF) {
    }
    return 0;
}
