package io.penstock.core.loop;

/** A fixed-capacity queue of handles, oldest first; each is in it at most once. */
final class HandleRing {
    private final Handle[] items;
    private int head;
    private int size;

    HandleRing(int capacity) {
        items = new Handle[capacity];
    }

    void add(Handle handle) {
        int tail = head + size++;
        items[tail >= items.length ? tail - items.length : tail] = handle;
    }

    Handle remove() {
        Handle handle = items[head];
        items[head] = null;
        head = head + 1 == items.length ? 0 : head + 1;
        size--;
        return handle;
    }

    int size() {
        return size;
    }
}
