package io.penstock.core.net;

/**
 * Who is told that a listener has closed; see {@link Listener#onClose}.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the listener.
 */
@FunctionalInterface
public interface ListenerHandler {
    /**
     * It has closed, and may be opened again from inside if none of its connections is open.
     *
     * @param listener which
     * @param result 0 after {@link Listener#close}, and after {@link Listener#drain} if every
     *     connection has ended by then; {@link io.penstock.core.ReturnCode#TIMED_OUT} if the
     *     drain's deadline closed at least one; {@link io.penstock.core.ReturnCode#CLOSED} if its
     *     loop closed; {@code -errno} if the kernel accepts nothing there any more
     */
    void onClose(Listener listener, int result);
}
