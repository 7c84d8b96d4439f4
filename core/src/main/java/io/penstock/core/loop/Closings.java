package io.penstock.core.loop;

/**
 * Handles that are closing, oldest first. Each gives everything back, its slot last, and only then
 * tells its user, who may open it again from inside.
 */
final class Closings {
    private final EventLoop loop;
    private final HandleRing ring;

    Closings(EventLoop loop, int handles) {
        this.loop = loop;
        ring = new HandleRing(handles);
    }

    boolean isEmpty() {
        return ring.size() == 0;
    }

    void add(Handle handle) {
        ring.add(handle);
    }

    /** Ends who is closing now; whose closing begins meanwhile is for the next call. */
    int run() {
        int n = ring.size();
        for (int i = 0; i < n; i++) {
            end(ring.remove());
        }
        return n;
    }

    private void end(Handle handle) {
        int code = handle.result();
        try {
            handle.onClosed(code);
        } catch (Throwable t) {
            loop.threw(handle, t);
        }
        handle.endLife();
        try {
            handle.callOnClose(code);
        } catch (Throwable t) {
            loop.threw(handle, t);
        }
        handle.onDetached();
    }
}
