package io.penstock.core.net;

import org.agrona.DirectBuffer;

/**
 * What happens to a stream. One handler serves any number of them.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the stream.
 */
public interface StreamHandler {
    /**
     * Once: connected, accepted, or the peer verified. The stream is paused.
     *
     * @param stream which
     */
    void onOpen(Stream stream);

    /**
     * Bytes have come.
     *
     * @param stream which
     * @param buffer where; the region is valid until this returns
     * @param offset of the first
     * @param length how many, at least 1
     */
    void onData(Stream stream, DirectBuffer buffer, int offset, int length);

    /**
     * After a short write, a refusal for want of slabs, or {@link Stream#awaitRoom}: there is room
     * again. With a queue: it is empty.
     *
     * @param stream which
     */
    void onWritable(Stream stream);

    /**
     * The peer will send no more. The stream is still open for writing.
     *
     * @param stream which
     */
    void onEnd(Stream stream);

    /**
     * The listener that accepted it drains, so this stream should end. Called once when that
     * begins, and then in each second in which the stream was idle: it only waited for its peer.
     * It was resumed and its end had not come, nothing was queued, there was room, and not a byte
     * came or went. A stream that is left at the deadline of {@link Listener#drain} is closed by
     * the listener.
     *
     * <p>The default closes it as soon as it is idle. A handler that answers requests later than
     * they come, or that can tell its peer to end, decides here.
     *
     * @param stream which
     * @param isIdle false in the first call
     */
    default void onDrain(Stream stream, boolean isIdle) {
        if (isIdle) {
            stream.close();
        }
    }

    /**
     * The last call, exactly once; without {@link #onOpen} before it if connecting failed. What
     * the stream had is given back, and it may be opened again from inside, unless a listener or
     * an acceptor made it.
     *
     * @param stream which; its metrics can still be read
     * @param result 0, or the code it was closed for
     */
    void onClose(Stream stream, int result);
}
