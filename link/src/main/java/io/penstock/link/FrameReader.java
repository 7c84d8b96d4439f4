package io.penstock.link;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Stream;
import java.util.Objects;
import org.agrona.DirectBuffer;

/**
 * Finds the frames of a {@link FrameWriter} in the bytes of one stream, and the next good one
 * after bytes that are none.
 *
 * <pre>
 *   stream handler            reader
 *     onOpen                    clear(), if it has served another stream
 *     onData              -&gt;    data(..)       -&gt; onFrame, onBadFrame
 *     onEnd               -&gt;    end(..)        -&gt; onFrame, onBadFrame
 *   whoever resumes
 *     stream.resume()     -&gt;    deliver(..)    -&gt; onFrame, onBadFrame
 * </pre>
 *
 * <p><b>Back-pressure.</b> The handler may pause the stream: the frames that are here already wait
 * until it is resumed and {@link #deliver} is called, which is best done together. Without it they
 * wait for the next bytes of the stream, which may never come.
 *
 * <p><b>Damage.</b> What is delivered is as it was sent, but for one chance in 2^32 that damage
 * goes with its checksum. A header that checks out is believed: its frame is waited for, and one
 * that is too long is skipped as a whole. Behind a damaged payload the next header is in its place
 * if no byte is missing or too many; else the search goes on right after the damaged frame's
 * magic, so that a good frame within its supposed length is not lost. A payload may hold
 * anything; but one that holds whole frames can, if its own header is damaged or its end is
 * missing, have those taken for frames of the stream.
 *
 * <p><b>Bounds.</b> Memory is as given at construction; a byte is looked at about ten times at
 * worst, whatever a peer sends. Bytes skipped, and frames with their 16 bytes of header, add up to
 * the bytes that came.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after construction.
 */
public final class FrameReader {
    // How deep supposed frames within damaged ones are searched before their lengths are believed.
    private static final int MAX_SEARCHES = 8;

    // The results of a step.
    private static final int WAIT = -1;
    private static final int NOTHING = 0;
    private static final int FRAME = 1;

    private final FrameHandler handler;
    private final int maxPayloadBytes;
    private final int maxDataBytes;
    private final Frame frame;
    private int first; // of the bytes held
    private int last;
    private long position; // of the first in the stream
    private boolean isEnding;
    private boolean isDelivering;

    private int badCode; // of the run of bad bytes, or 0
    private long badBytes; // of it, that the handler was not told of
    private boolean isWarned; // the handler was told of the run before its end
    private long unwantedBytes; // of a frame that is too long, still to come
    private long damagedAt = -1; // position of a frame whose payload is known to be damaged
    private long searchedTo; // position where the last of nested damaged frames would end
    private int searches; // of those

    /**
     * A reader for one stream at a time, with memory for a frame and for what may follow it.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param handler who is told
     * @param maxPayloadBytes the longest message taken, at least 1
     * @param maxDataBytes the most that one {@code onData} brings: the loop's
     *     {@code readBufferBytes}, or the length given to {@code readInto}
     */
    public FrameReader(FrameHandler handler, int maxPayloadBytes, int maxDataBytes) {
        if (maxPayloadBytes < 1 || maxDataBytes < 1) {
            throw new IllegalArgumentException(maxPayloadBytes + ", " + maxDataBytes + " < 1");
        }
        this.handler = Objects.requireNonNull(handler);
        this.maxPayloadBytes = maxPayloadBytes;
        this.maxDataBytes = maxDataBytes;
        // A damaged frame is kept until it is seen whether a header follows.
        frame = new Frame(Math.addExact(
                2 * Frame.HEADER_BYTES, Math.addExact(maxPayloadBytes, maxDataBytes)));
    }

    /**
     * Takes bytes of the stream, and hands on the frames that they complete. If the handler
     * pauses the stream, the rest is kept; what there is no room for, because {@link #deliver} was
     * not called or more bytes come than was said, makes room by being handed on all the same.
     *
     * @param stream where they came from
     * @param buffer where they are; they are copied
     * @param offset of the first
     * @param length how many
     * @return how many frames were handed on
     */
    public int data(Stream stream, DirectBuffer buffer, int offset, int length) {
        buffer.boundsCheck(offset, length);
        int frames = 0;
        for (int done = 0; done < length; done += maxDataBytes) {
            int n = Math.min(length - done, maxDataBytes);
            if (!hasRoom(n)) { // else first take them: a handler that throws must not lose them
                frames += run(stream, n);
            }
            if (!stream.isOpen()) {
                return frames;
            }
            take(buffer, offset + done, n);
        }
        return frames + run(stream, 0);
    }

    private void take(DirectBuffer buffer, int offset, int length) {
        if (last + length > frame.memory.capacity()) {
            frame.memory.putBytes(0, frame.memory, first, heldBytes());
            last -= first;
            first = 0;
        }
        frame.memory.putBytes(last, buffer, offset, length);
        last += length;
    }

    /**
     * Hands on the frames that are here, while the stream is resumed. From inside
     * {@link FrameHandler} it does nothing, for they follow anyway.
     *
     * @param stream where they came from
     * @return how many
     */
    public int deliver(Stream stream) {
        return run(stream, 0);
    }

    /**
     * The stream has ended: what is here and cannot become a frame any more is reported.
     *
     * @param stream which
     * @return how many frames were handed on
     */
    public int end(Stream stream) {
        isEnding = true;
        return run(stream, 0);
    }

    /**
     * How many received bytes were neither handed on nor skipped yet.
     *
     * @return bytes
     */
    public int heldBytes() {
        return last - first;
    }

    /** Forgets everything, before the reader is used for another stream. */
    public void clear() {
        first = 0;
        last = 0;
        position = 0;
        isEnding = false;
        badCode = 0;
        badBytes = 0;
        isWarned = false;
        unwantedBytes = 0;
        damagedAt = -1;
        searchedTo = 0;
        searches = 0;
    }

    /** Goes on while the stream is resumed, or there is no room for so many bytes. */
    private int run(Stream stream, int roomBytes) {
        if (isDelivering) {
            return 0;
        }
        isDelivering = true;
        int frames = 0;
        try {
            int found = NOTHING;
            while (found != WAIT && stream.isOpen()
                    && (stream.isReading() || !hasRoom(roomBytes))) {
                frames += found;
                found = step(stream);
            }
            return frames + Math.max(NOTHING, found);
        } finally {
            isDelivering = false; // also when a handler throws
        }
    }

    private boolean hasRoom(int length) {
        return frame.memory.capacity() - heldBytes() >= length;
    }

    /** Calls the handler at most once: WAIT for more bytes, FRAME, or NOTHING yet. */
    private int step(Stream stream) {
        if (badBytes > Frame.HEADER_BYTES + maxPayloadBytes && !isWarned) {
            isWarned = true;
            return tell(stream, badCode);
        }
        if (unwantedBytes > 0) {
            return skipUnwanted(stream);
        }
        skipToMagic();
        if (heldBytes() < Frame.HEADER_BYTES) {
            return isEnding ? cutOff(stream) : WAIT;
        }
        if (!frame.isHeader(first)) {
            return skip(ReturnCode.FRAME_CORRUPT, Frame.MAGIC_BYTES);
        }
        int length = frame.length(first);
        if (length > maxPayloadBytes) {
            return tooLong(stream, length);
        }
        if (heldBytes() < Frame.HEADER_BYTES + length) {
            return isEnding ? cutOff(stream) : WAIT;
        }
        return position != damagedAt && frame.isPayload(first)
                ? good(stream, length) : damaged(Frame.HEADER_BYTES + length);
    }

    private void skipToMagic() {
        int index = first;
        while (index < last && !frame.mayBegin(index, last - index)) {
            index++;
        }
        if (index > first) {
            skip(ReturnCode.FRAME_CORRUPT, index - first);
        }
    }

    private int good(Stream stream, int length) {
        if (badCode != 0) {
            return endRun(stream); // which may pause it
        }
        int payload = first + Frame.HEADER_BYTES;
        advance(Frame.HEADER_BYTES + length);
        try {
            handler.onFrame(stream, frame.memory, payload, length);
        } catch (Throwable t) {
            stream.threw(t);
        }
        return FRAME;
    }

    /** A good header, and a payload that is not the one that it is of. */
    private int damaged(int frameBytes) {
        damagedAt = position;
        int behind = heldBytes() - frameBytes;
        if (behind < Frame.HEADER_BYTES && !isEnding) {
            return WAIT;
        }
        boolean isInPlace = behind == 0
                || behind >= Frame.HEADER_BYTES && frame.isHeader(first + frameBytes);
        if (position >= searchedTo) {
            searches = 0;
        }
        searchedTo = Math.max(searchedTo, position + frameBytes);
        // Each search may cost a checksum of all that follows: a peer could nest them for ever.
        return skip(ReturnCode.FRAME_CORRUPT,
                isInPlace || ++searches > MAX_SEARCHES ? frameBytes : Frame.MAGIC_BYTES);
    }

    private int tooLong(Stream stream, int length) {
        if (badCode != 0) {
            return endRun(stream);
        }
        badCode = ReturnCode.FRAME_TOO_LONG;
        unwantedBytes = Frame.HEADER_BYTES + (long) length;
        return NOTHING;
    }

    private int skipUnwanted(Stream stream) {
        int n = (int) Math.min(unwantedBytes, heldBytes());
        if (n == 0 && !isEnding) {
            return WAIT;
        }
        unwantedBytes = n == 0 ? 0 : unwantedBytes - n;
        skip(ReturnCode.FRAME_TOO_LONG, n);
        return unwantedBytes == 0 ? endRun(stream) : NOTHING;
    }

    /** The stream ended before what is here was whole; a whole frame may lie within it. */
    private int cutOff(Stream stream) {
        if (badCode != 0 && (heldBytes() == 0 || badCode != ReturnCode.FRAME_TRUNCATED)) {
            return endRun(stream);
        }
        return heldBytes() == 0 ? WAIT
                : skip(ReturnCode.FRAME_TRUNCATED, Math.min(Frame.MAGIC_BYTES, heldBytes()));
    }

    private int skip(int code, int n) {
        if (badCode == 0) {
            badCode = code;
        }
        badBytes += n;
        advance(n);
        return NOTHING;
    }

    private void advance(int n) {
        first += n;
        position += n;
    }

    private int endRun(Stream stream) {
        int code = badCode;
        badCode = 0;
        isWarned = false;
        return badBytes > 0 ? tell(stream, code) : NOTHING;
    }

    private int tell(Stream stream, int code) {
        long skipped = badBytes;
        badBytes = 0;
        try {
            handler.onBadFrame(stream, code, skipped);
        } catch (Throwable t) {
            stream.threw(t);
        }
        return NOTHING;
    }
}
