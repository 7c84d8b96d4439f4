package io.penstock.core.net;

import org.agrona.DirectBuffer;

/**
 * Handles the events of streams. One handler may serve any number of streams.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the stream.
 */
public interface StreamHandler {
    /**
     * The stream is open: connected, accepted, or its peer verified. Called once. The stream is
     * paused.
     *
     * @param stream the stream
     */
    void onOpen(Stream stream);

    /**
     * Bytes were received.
     *
     * @param stream the stream
     * @param buffer the memory of the bytes, valid until this returns
     * @param offset of the first byte
     * @param length the number of bytes, at least 1
     */
    void onData(Stream stream, DirectBuffer buffer, int offset, int length);

    /**
     * There is room to write again, after a short write, a write refused for lack of slabs, or
     * {@link Stream#awaitRoom}. With a queue: the queue is empty.
     *
     * @param stream the stream
     */
    void onWritable(Stream stream);

    /**
     * The peer will send no more. The stream is still open for writing.
     *
     * @param stream the stream
     */
    void onEnd(Stream stream);

    /**
     * The listener that accepted the stream drains, so the stream should end. Called once when
     * draining begins, and then after each second in which the stream was idle. Idle means that the
     * stream only waited for its peer: it was resumed, its end was not received, nothing was
     * queued, there was room to write, and no byte was read or written. The listener closes a
     * stream that is still open at the deadline of {@link Listener#drain}.
     *
     * <p>The default closes the stream as soon as it is idle. Override it in a handler that answers
     * requests later than they come, or that can ask its peer to end.
     *
     * @param stream the stream
     * @param isIdle false in the first call
     */
    default void onDrain(Stream stream, boolean isIdle) {
        if (isIdle) {
            stream.close();
        }
    }

    /**
     * The stream has closed. This is the last call, exactly once; if connecting failed,
     * {@link #onOpen} was not called before. Everything that the stream held is given back, and the
     * stream may be opened again from inside this call, unless a listener or an acceptor made it.
     *
     * @param stream the stream; its counters can still be read
     * @param result 0, or the code of the reason
     */
    void onClose(Stream stream, int result);
}
