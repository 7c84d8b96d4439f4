// timers MS COUNT...: what it costs to put off one of so many timers, kept in a binary heap that knows
// where each is, as TimerCost.java says. Prints a line of nanoseconds of processor time, and -1 for
// the Java heap that there is none of, for each count.
#include "compare.h"

enum { BATCH = 1000 };

struct timer {
    int64_t deadline;
    int place; // in the heap, or -1
};

static struct timer **heap;
static int pending;

static void put(int place, struct timer *t) {
    heap[place] = t;
    t->place = place;
}

static void up(int place, struct timer *t) {
    while (place > 0 && t->deadline < heap[(place - 1) / 2]->deadline) {
        put(place, heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(place, t);
}

static void down(int place, struct timer *t) {
    for (int child; (child = 2 * place + 1) < pending; place = child) {
        if (child + 1 < pending && heap[child + 1]->deadline < heap[child]->deadline) {
            child++;
        }
        if (t->deadline <= heap[child]->deadline) {
            break;
        }
        put(place, heap[child]);
    }
    put(place, t);
}

static void cancel(struct timer *t) {
    int place = t->place;
    struct timer *last = heap[--pending];
    t->place = -1;
    if (last != t) {
        up(place, last);
        if (last->place == place) {
            down(place, last);
        }
    }
}

static void put_off(struct timer *t, int64_t deadline) {
    if (t->place >= 0) {
        cancel(t);
    }
    t->deadline = deadline;
    up(pending++, t);
}

static int64_t cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static double run(struct timer *timers, int count, int64_t ns) {
    int64_t start = now_ns(), begin = cpu_ns(), took;
    uint64_t random = 1;
    long done = 0;
    int index = 0;
    do {
        for (int i = 0; i < BATCH; i++) {
            random = random * 6364136223846793005ULL + 1442695040888963407ULL;
            put_off(&timers[index],
                    start + 1000000000LL + (int64_t) ((random >> 20) % 59000000000ULL));
            index = index + 1 < count ? index + 1 : 0;
        }
        done += BATCH;
        took = cpu_ns() - begin;
    } while (took < ns);
    return (double) took / done;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fail("usage: timers MS COUNT...");
    }
    int64_t ns = number(argv[1], 1) * 1000000LL;
    for (int i = 2; i < argc; i++) {
        int count = number(argv[i], 1);
        struct timer *timers = calloc(count, sizeof *timers);
        heap = calloc(count, sizeof *heap);
        if (timers == NULL || heap == NULL) {
            fail("out of memory");
        }
        pending = 0;
        for (int j = 0; j < count; j++) {
            timers[j].place = -1;
        }
        run(timers, count, ns);
        printf("%.2f -1\n", run(timers, count, ns));
    }
    return 0;
}
