package io.penstock.core.loop;

import io.penstock.core.ReturnCode;

/**
 * Pending timers in a binary heap over a fixed array, the next deadline at its top. Each timer
 * knows its place in the array, so it can be removed from anywhere. Timers with equal deadlines
 * fire in the order in which they were started.
 */
final class TimerHeap {
    private final Timer[] heap;
    private final int limit;
    private int size;
    private int reserved;
    private long sequence;

    /**
     * @param limit the most timers of users
     * @param places additional room for the timers of handles
     */
    TimerHeap(int limit, int places) {
        this.limit = limit;
        heap = new Timer[limit + places];
    }

    int size() {
        return size;
    }

    Timer first() {
        return size == 0 ? null : heap[0];
    }

    long sequence() {
        return sequence;
    }

    int add(Timer timer) {
        if (size == heap.length || timer.owner == null && size - reserved >= limit) {
            return ReturnCode.TIMERS_EXHAUSTED;
        }
        reserved += timer.owner == null ? 0 : 1;
        timer.sequence = sequence++;
        rise(timer, size++);
        return 0;
    }

    void remove(Timer timer) {
        int place = timer.place;
        Timer last = heap[--size];
        heap[size] = null;
        timer.place = -1;
        reserved -= timer.owner == null ? 0 : 1;
        if (last != timer) {
            sink(last, place);
            if (last.place == place) {
                rise(last, place);
            }
        }
    }

    private void rise(Timer timer, int from) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            if (!isBefore(timer, heap[parent])) {
                break;
            }
            put(heap[parent], place);
            place = parent;
        }
        put(timer, place);
    }

    private void sink(Timer timer, int from) {
        int place = from;
        int child;
        while ((child = 2 * place + 1) < size) {
            if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
                child++;
            }
            if (!isBefore(heap[child], timer)) {
                break;
            }
            put(heap[child], place);
            place = child;
        }
        put(timer, place);
    }

    private void put(Timer timer, int place) {
        heap[place] = timer;
        timer.place = place;
    }

    private static boolean isBefore(Timer a, Timer b) {
        long difference = a.deadlineNs - b.deadlineNs; // the clock may wrap
        return difference < 0 || difference == 0 && a.sequence < b.sequence;
    }
}
