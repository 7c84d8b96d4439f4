package io.penstock.core.loop;

/**
 * Handles that are closing, oldest first. Each handle waits until none of its operations is in
 * flight, and gives everything back, its slot last. Only then it calls its user, who may open it
 * again from inside that call. The back end owns a handle's field {@code inFlight}.
 */
final class Closings {
    private final EventLoop loop;
    private final HandleRing ring; // closing handles with nothing in flight
    private int inFlight; // how many closing handles are not in the ring

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

    /**
     * Ends the handles that are in the ring now; a handle that is added meanwhile waits for the
     * next call.
     */
    int run() {
        int n = ring.size();
        for (int i = 0; i < n; i++) {
            loop.end(ring.remove());
        }
        return n;
    }
}
