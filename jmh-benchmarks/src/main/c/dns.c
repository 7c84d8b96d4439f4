/*
 * Parses and builds DNS messages with ldns in a loop, and prints the nanoseconds for each: what
 * MessageBenchmark and MessageWriterBenchmark do in Java.
 *
 *   DnsMessages folder              writes the messages (Java)
 *   dns parse folder/query 200      9 rounds of 200 ms, after as many to warm up: prints the
 *   dns build folder/query 200      median, and the sum or length that all have to agree on
 *
 * Packages: libldns-dev. Compile with -O2 dns.c -lldns.
 */
#include <ldns/ldns.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 9

static uint8_t message[65536];
static size_t length;
static ldns_pkt *packet; /* what is built, as an object */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static uint64_t half(const uint8_t *address)
{
    return (uint64_t)ldns_read_uint32(address) << 32 | ldns_read_uint32(address + 4);
}

static int64_t record_sum(const ldns_rr *rr)
{
    const ldns_rdf *first = ldns_rr_rd_count(rr) > 0 ? ldns_rr_rdf(rr, 0) : NULL;
    int64_t sum = (int64_t)ldns_rdf_size(ldns_rr_owner(rr)) + ldns_rr_get_type(rr) + ldns_rr_ttl(rr);
    switch (ldns_rr_get_type(rr)) {
    case LDNS_RR_TYPE_A:
        return sum + (int32_t)ldns_read_uint32(ldns_rdf_data(first));
    case LDNS_RR_TYPE_AAAA:
        return (int64_t)((uint64_t)sum + half(ldns_rdf_data(first)) + half(ldns_rdf_data(first) + 8));
    case LDNS_RR_TYPE_MX:
        return sum + ldns_rdf2native_int16(first) + (int64_t)ldns_rdf_size(ldns_rr_rdf(rr, 1));
    case LDNS_RR_TYPE_NS:
        return sum + (int64_t)ldns_rdf_size(first);
    default:
        return sum;
    }
}

static int64_t list_sum(const ldns_rr_list *list)
{
    int64_t sum = 0;
    for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++)
        sum += record_sum(ldns_rr_list_rr(list, i));
    return sum;
}

static int64_t parse(void)
{
    ldns_pkt *p;
    if (ldns_wire2pkt(&p, message, length) != LDNS_STATUS_OK)
        return -1;
    ldns_rr *q = ldns_rr_list_rr(ldns_pkt_question(p), 0);
    int64_t sum = (int64_t)ldns_rdf_size(ldns_rr_owner(q)) + ldns_rr_get_type(q);
    sum += list_sum(ldns_pkt_answer(p)) + list_sum(ldns_pkt_authority(p));
    sum += list_sum(ldns_pkt_additional(p));
    if (ldns_pkt_edns(p)) /* which ldns keeps apart from the records: root, OPT, no flags */
        sum += 1 + LDNS_RR_TYPE_OPT;
    ldns_pkt_free(p);
    return sum;
}

static int64_t build(void)
{
    uint8_t *wire;
    size_t size;
    if (ldns_pkt2wire(&wire, packet, &size) != LDNS_STATUS_OK)
        return -1;
    free(wire);
    return (int64_t)size;
}

static void load(const char *path)
{
    FILE *f = fopen(path, "rb");
    length = f ? fread(message, 1, sizeof message, f) : 0;
    if (length == 0 || ldns_wire2pkt(&packet, message, length) != LDNS_STATUS_OK) {
        fprintf(stderr, "dns: %s: no message\n", path);
        exit(1);
    }
    fclose(f);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: dns parse|build file ms\n");
        return 2;
    }
    int64_t (*work)(void) = strcmp(argv[1], "parse") == 0 ? parse : build;
    load(argv[2]);
    double round_ns = atoi(argv[3]) * 1e6;
    double ns[ROUNDS];
    int64_t sum = 0;
    for (int r = -ROUNDS; r < ROUNDS; r++) {
        long count = 0;
        double start = now(), end = start;
        for (; end - start < round_ns; end = now()) {
            for (int i = 0; i < 1000; i++)
                sum = work();
            count += 1000;
        }
        ns[r < 0 ? 0 : r] = (end - start) / count;
    }
    qsort(ns, ROUNDS, sizeof *ns, compare);
    printf("%.2f %ld\n", ns[ROUNDS / 2], (long)sum);
    return 0;
}
