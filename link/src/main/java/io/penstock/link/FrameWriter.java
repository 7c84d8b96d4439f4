package io.penstock.link;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Stream;
import org.agrona.DirectBuffer;

/**
 * Writes messages as frames: a header with two CRC-32C checksums, then the message, in one write.
 * {@link FrameReader} is the other end.
 *
 * <pre>
 *   0          4          8            12            16              16 + length
 *   +----------+----------+------------+-------------+- - - - - - - -+
 *   | F5504631 | length   | CRC of the | CRC of the  | message       |   big-endian
 *   |          |          | 8 before   | message     |               |
 *   +----------+----------+------------+-------------+- - - - - - - -+
 * </pre>
 *
 * <p>To a stream with a queue a frame goes whole or not at all, so that one writer serves any
 * number of them. To one without, the stream may take a part: the rest stays here, and the writer
 * is that stream's alone, which calls {@link #onWritable} from its handler's.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction.
 */
public final class FrameWriter {
    private final int maxPayloadBytes;
    private final Frame frame;
    private int first; // of the bytes that the stream has not taken
    private int last;

    /**
     * A writer with memory for one frame.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param maxPayloadBytes the longest message, at least 1; not more than the reader takes
     */
    public FrameWriter(int maxPayloadBytes) {
        if (maxPayloadBytes < 1) {
            throw new IllegalArgumentException(maxPayloadBytes + " < 1");
        }
        this.maxPayloadBytes = maxPayloadBytes;
        frame = new Frame(Frame.HEADER_BYTES + maxPayloadBytes);
    }

    /**
     * Writes one message as a frame.
     *
     * @param stream where to
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many, at least 1
     * @return {@code length}: all of it was accepted; 0: nothing was, again after the stream's
     *     {@code onWritable}; {@link ReturnCode#MESSAGE_TOO_LONG}, {@link ReturnCode#BAD_ARGUMENT}
     *     for an empty message, {@link ReturnCode#HEAP_BUFFER}; a code of {@link Stream#write},
     *     and then nothing was accepted
     */
    public int write(Stream stream, DirectBuffer buffer, int offset, int length) {
        if (length < 1) {
            return ReturnCode.BAD_ARGUMENT;
        }
        if (length > maxPayloadBytes) {
            return ReturnCode.MESSAGE_TOO_LONG;
        }
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        if (pendingBytes() > 0) {
            return stream.isOpen() ? 0 : ReturnCode.CLOSED;
        }
        frame.memory.putBytes(Frame.HEADER_BYTES, buffer, offset, length);
        frame.putHeader(0, length);
        int n = stream.write(frame.memory, 0, Frame.HEADER_BYTES + length);
        if (n <= 0) {
            return n;
        }
        first = n;
        last = Frame.HEADER_BYTES + length;
        return length;
    }

    /**
     * Sends on what is left of the last frame, when the stream without a queue has room again.
     *
     * @param stream the one that the frame was written to
     * @return how many bytes still wait; 0: the next can be written; a code of
     *     {@link Stream#write}
     */
    public int onWritable(Stream stream) {
        if (pendingBytes() > 0) {
            int n = stream.write(frame.memory, first, last - first);
            if (n < 0) {
                return n;
            }
            first += n;
        }
        return pendingBytes();
    }

    /**
     * How many bytes of the last frame are still to be sent. Send them before the stream is shut
     * down.
     *
     * @return bytes; 0 always if the stream has a queue
     */
    public int pendingBytes() {
        return last - first;
    }

    /** Forgets what is left of the last frame, before the writer is used for another stream. */
    public void clear() {
        first = 0;
        last = 0;
    }
}
