package io.penstock.core.loop;

/**
 * The operations that each handle wants, and those that the back end was told of. Changed handles
 * are collected, each at most once, and the back end is told just before the loop waits. So a
 * handle that drops an operation and wants it again within a turn costs no system call.
 *
 * <p>Only this class writes a handle's fields {@code wanted}, {@code told} and {@code changedAt}.
 */
final class Operations {
    private final EventLoop loop;
    private final Backend backend;
    private final Handle[] changed;
    private int count;

    Operations(EventLoop loop, Backend backend, int handles) {
        this.loop = loop;
        this.backend = backend;
        changed = new Handle[handles];
    }

    boolean haveChanged() {
        return count > 0;
    }

    /** Replaces the operations that an open handle wants. */
    void set(Handle handle, int operations) {
        if (handle.wanted == operations) {
            return;
        }
        handle.wanted = operations;
        if (handle.changedAt < 0 && handle.isPollable) {
            handle.changedAt = count;
            changed[count++] = handle;
        }
    }

    /** Tells the back end of the changes. */
    void apply() {
        for (int i = 0; i < count; i++) {
            Handle handle = changed[i];
            changed[i] = null;
            handle.changedAt = -1;
            if (handle.isOpen() && handle.wanted != handle.told) {
                tell(handle);
            }
        }
        count = 0;
    }

    private void tell(Handle handle) {
        int rc = backend.change(handle, handle.told, handle.wanted);
        if (rc < 0) {
            handle.wanted = handle.told; // until the handle wants them again
            loop.refused(handle, rc);
        } else {
            handle.told = handle.wanted;
        }
    }

    /** Ends all operations of a handle that closes or gives up its descriptor. */
    void cancel(Handle handle) {
        if (handle.told != 0) {
            backend.cancel(handle, handle.told);
        }
        handle.told = 0;
        handle.wanted = 0;
        if (handle.changedAt >= 0) {
            Handle last = changed[--count];
            changed[handle.changedAt] = last;
            last.changedAt = handle.changedAt;
            handle.changedAt = -1;
        }
    }
}
