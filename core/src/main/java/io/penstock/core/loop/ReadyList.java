package io.penstock.core.loop;

/**
 * Handles that go on without the kernel, oldest first, each at most once. Of a handle's
 * fields {@code isReady} is this class's alone.
 */
final class ReadyList {
    private final EventLoop loop;
    private final HandleRing ring;

    ReadyList(EventLoop loop, int handles) {
        this.loop = loop;
        // A closed handle may still be in it while its slot has a new owner: two entries a slot.
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

    /** Runs who is on the list now: who is put there meanwhile waits for the next turn. */
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
