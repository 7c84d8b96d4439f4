package io.penstock.link;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Stream;
import org.agrona.DirectBuffer;

/**
 * Takes the frames that a {@link FrameReader} finds in a stream. One handler serves any number of
 * readers.
 *
 * <p><b>Threading</b>: called in the thread that gives the reader its bytes, from inside
 * {@link FrameReader#data}, {@link FrameReader#deliver} and {@link FrameReader#end}. It may pause
 * or close the stream: then nothing more is called until it is resumed.
 */
public interface FrameHandler {
    /**
     * A frame, whole, and as it was sent.
     *
     * @param stream where it came from
     * @param buffer where its payload is; the region is valid until this returns
     * @param offset of the first byte
     * @param length how many, at least 1
     */
    void onFrame(Stream stream, DirectBuffer buffer, int offset, int length);

    /**
     * Bytes were skipped because they are no valid frame; the reader looks for the next frame
     * behind them. This is called once for each run of such bytes, at its end. For a run longer
     * than any frame it is called twice: once the run is that long, and at its end for the rest.
     *
     * @param stream where they came from
     * @param code {@link ReturnCode#FRAME_CORRUPT}: a checksum does not match, or there is no frame
     *     at all; {@link ReturnCode#FRAME_TOO_LONG}: a frame, but longer than the reader takes;
     *     {@link ReturnCode#FRAME_TRUNCATED}: the stream ended inside a frame
     * @param skippedBytes how many, at least 1
     */
    void onBadFrame(Stream stream, int code, long skippedBytes);
}
