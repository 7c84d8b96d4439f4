package io.penstock.link;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Stream;
import org.agrona.DirectBuffer;

/**
 * What a {@link FrameReader} finds in a stream. One handler serves any number of readers.
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
     * Bytes that are no frame of use were skipped; what follows is looked through for the next.
     * Told once for each run of them, at its end. A run longer than any frame is told of twice:
     * when it has become that, and at its end the rest.
     *
     * @param stream where they came from
     * @param code {@link ReturnCode#FRAME_CORRUPT}: a checksum does not match, or there is no frame
     *     at all; {@link ReturnCode#FRAME_TOO_LONG}: a frame, but longer than the reader takes;
     *     {@link ReturnCode#FRAME_TRUNCATED}: the stream ended inside a frame
     * @param skippedBytes how many, at least 1
     */
    void onBadFrame(Stream stream, int code, long skippedBytes);
}
