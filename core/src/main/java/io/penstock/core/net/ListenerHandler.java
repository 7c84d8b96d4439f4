package io.penstock.core.net;

/**
 * Called when a listener has closed; see {@link Listener#onClose}.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the listener.
 */
@FunctionalInterface
public interface ListenerHandler {
    /**
     * The listener has closed. It may be opened again from inside this call if none of its
     * connections is open.
     *
     * @param listener the listener
     * @param result 0 after {@link Listener#close}, and after {@link Listener#drain} if every
     *     connection has ended by then; {@link io.penstock.core.ReturnCode#TIMED_OUT} if the
     *     drain's deadline closed at least one; {@link io.penstock.core.ReturnCode#CLOSED} if its
     *     loop closed; {@code -errno} if the kernel no longer accepts connections on the socket
     */
    void onClose(Listener listener, int result);
}
