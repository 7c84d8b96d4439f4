package io.penstock.core.net;

/**
 * What happens to a {@link Dialer}: as a {@link StreamHandler} it is told of the one stream that
 * connects, and else that none did.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the dialer or a
 * stream.
 */
public interface DialHandler extends StreamHandler {
    /**
     * Once for each dial that does not come to {@link #onOpen}. Every stream is closed; the dialer
     * may dial again from inside.
     *
     * @param dialer which; its addresses, their codes and its counters can still be read
     * @param code if every address failed, the code of the first one, which is the address that
     *     was preferred ({@link Dialer#code} has each);
     *     {@link io.penstock.core.ReturnCode#TIMED_OUT} at the deadline; {@code -ECANCELED} after
     *     {@link Dialer#cancel}; {@link io.penstock.core.ReturnCode#CLOSED} if the loop closes
     */
    void onFailed(Dialer dialer, int code);
}
