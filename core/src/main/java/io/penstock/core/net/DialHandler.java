package io.penstock.core.net;

/**
 * Handles the events of a {@link Dialer}. As a {@link StreamHandler} it serves the one stream that
 * connects; {@link #onFailed} is called if no stream does.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the dialer or a
 * stream.
 */
public interface DialHandler extends StreamHandler {
    /**
     * Called once for each dial that does not reach {@link #onOpen}. Every stream is closed; the
     * dialer may dial again from inside this call.
     *
     * @param dialer the dialer; its addresses, their codes and its counters can still be read
     * @param code if every address failed, the code of the first one, which is the address that
     *     was preferred ({@link Dialer#code} has each);
     *     {@link io.penstock.core.ReturnCode#TIMED_OUT} at the deadline; {@code -ECANCELED} after
     *     {@link Dialer#cancel}; {@link io.penstock.core.ReturnCode#CLOSED} if the loop closes
     */
    void onFailed(Dialer dialer, int code);
}
