package io.penstock.core.loop;

/**
 * The events that each handle waits for, and those that the kernel was told of. Changes are
 * collected, each handle at most once, and told to the kernel just before the loop waits: an
 * interest that changes back within a turn costs no system call.
 *
 * <p>Of a handle's fields {@code wanted}, {@code registered} and {@code changedAt} are this
 * class's alone.
 */
final class Interests {
    private final EventLoop loop;
    private final Poller poller;
    private final Handle[] changed;
    private int count;

    Interests(EventLoop loop, Poller poller, int handles) {
        this.loop = loop;
        this.poller = poller;
        changed = new Handle[handles];
    }

    boolean haveChanged() {
        return count > 0;
    }

    /** An open handle waits for that from now on. */
    void set(Handle handle, int mask) {
        if (handle.wanted == mask) {
            return;
        }
        handle.wanted = mask;
        if (handle.changedAt < 0) {
            handle.changedAt = count;
            changed[count++] = handle;
        }
    }

    /** Tells the kernel what has changed. */
    void apply() {
        for (int i = 0; i < count; i++) {
            Handle handle = changed[i];
            changed[i] = null;
            handle.changedAt = -1;
            if (handle.isOpen() && handle.wanted != handle.registered) {
                tell(handle);
            }
        }
        count = 0;
    }

    private void tell(Handle handle) {
        int rc = poller.change(
                handle.descriptor, handle.token(), handle.registered, handle.wanted);
        if (rc < 0) {
            handle.wanted = handle.registered; // until it is wanted again
            loop.refused(handle, rc);
        } else {
            handle.registered = handle.wanted;
        }
    }

    /** Before a descriptor goes: a file that somebody else has too would go on making events. */
    void deregister(Handle handle) {
        if (handle.registered != 0 && !handle.isExclusive) {
            poller.change(handle.descriptor, handle.token(), handle.registered, 0);
        }
        handle.registered = 0;
        handle.wanted = 0;
        if (handle.changedAt >= 0) {
            Handle last = changed[--count];
            changed[handle.changedAt] = last;
            last.changedAt = handle.changedAt;
            handle.changedAt = -1;
        }
    }
}
