package io.penstock.core.loop;

/**
 * Handles that are closing, oldest first. Each waits until none of its operations is in flight,
 * gives everything back, its slot last, and only then tells its user, who may open it again from
 * inside. Of a handle's fields {@code inFlight} is the back end's alone.
 */
final class Closings {
    private final EventLoop loop;
    private final HandleRing ring; // those with nothing in flight
    private int inFlight; // how many others there are

    Closings(EventLoop loop, int handles) {
        this.loop = loop;
        ring = new HandleRing(handles);
    }

    boolean isEmpty() {
        return ring.size() == 0;
    }

    void add(Handle handle) {
        if (handle.inFlight == 0) {
            ring.add(handle);
        } else {
            inFlight++;
        }
    }

    /** The last operation of a closing handle has come back. */
    void landed(Handle handle) {
        inFlight--;
        ring.add(handle);
    }

    /** Whether closing handles wait for the kernel. */
    boolean haveInFlight() {
        return inFlight > 0;
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
