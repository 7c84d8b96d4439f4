package io.penstock.core.loop;

/**
 * Handles that have more to do without the kernel, oldest first, each at most once. Only this class
 * writes a handle's field {@code isReady}.
 */
final class ReadyList {
    private final EventLoop loop;
    private final HandleRing ring;

    ReadyList(EventLoop loop, int handles) {
        this.loop = loop;
        // A closed handle may still be queued when its slot is reused: two entries a slot.
        ring = new HandleRing(2 * handles);
    }

    boolean isEmpty() {
        return ring.size() == 0;
    }

    void add(Handle handle) {
        if (!handle.isReady) {
            handle.isReady = true;
            ring.add(handle);
        }
    }

    /**
     * Runs the handles that are on the list now; a handle that is added meanwhile waits for the
     * next turn.
     */
    int run() {
        int n = ring.size();
        for (int i = 0; i < n; i++) {
            Handle handle = ring.remove();
            handle.isReady = false;
            if (handle.isOpen()) {
                run(handle);
            }
        }
        return n;
    }

    private void run(Handle handle) {
        try {
            handle.onRun();
        } catch (Throwable t) {
            loop.threw(handle, t);
        }
    }
}
