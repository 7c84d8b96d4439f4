package io.penstock.core.net;

import static io.penstock.core.sys.Linux.CMSGHDR_BYTES;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;

/**
 * The control messages of a {@code msghdr}: walks over those that have come, lays out those that
 * are to go.
 *
 * <pre>
 *   0         8        12       16        16 + data   aligned to 8
 *   +---------+--------+--------+- - - - - - - -+ - - +- - - - -
 *   | length  | level  | type   | data          |     | the next
 *   +---------+--------+--------+- - - - - - - -+ - - +- - - - -
 * </pre>
 *
 * <p><b>Bounds.</b> What is told about lengths is not believed: a message counts only if all of it
 * lies within what is said to be there, and that within the room that there is. One that the kernel
 * has cut short has less data than its kind, so {@link #is} does not know it.
 *
 * <p><b>Threading</b>: one thread at a time. <b>Allocation</b>: none after the constructor.
 * <b>See</b>: cmsg(3).
 */
public final class ControlMessages {
    private static final int LEVEL_OFFSET = 8;
    private static final int TYPE_OFFSET = 12;

    private final NativeBuffer memory;
    private int first;
    private int end;
    private int next;
    private int at; // of the one that was found or added
    private int dataBytes; // of it; negative if there is none

    /**
     * Over memory that has nothing in it yet.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param memory where the messages are
     */
    public ControlMessages(NativeBuffer memory) {
        this.memory = memory;
        dataBytes = -1;
    }

    /**
     * Before walking over what has come.
     *
     * @param offset of the first message
     * @param roomBytes that there are for all
     * @param saidBytes that are said to be there, whoever says so
     */
    public void wrap(int offset, int roomBytes, long saidBytes) {
        memory.boundsCheck(offset, roomBytes);
        first = offset;
        next = offset;
        at = offset;
        end = offset + Math.clamp(saidBytes, 0, roomBytes);
        dataBytes = -1;
    }

    /**
     * Goes to the next message.
     *
     * @return 1 if there is one; 0 if there is none; {@code -EBADMSG} if what is there cannot be
     *     one, and then nothing behind it can be found
     */
    public int next() {
        int left = end - next;
        dataBytes = -1;
        if (left <= 0) {
            return 0;
        }
        long bytes = left < CMSGHDR_BYTES ? 0 : memory.getLong(next);
        if (bytes < CMSGHDR_BYTES || bytes > left) {
            return -Errno.EBADMSG;
        }
        at = next;
        dataBytes = (int) bytes - CMSGHDR_BYTES;
        next += align((int) bytes);
        return 1;
    }

    /**
     * What the message is that {@link #next} found.
     *
     * @param level of the kernel's
     * @param type of that level
     * @param leastBytes of data that such a message has
     * @return whether it is such a message, and whole
     */
    public boolean is(int level, int type, int leastBytes) {
        return dataBytes >= leastBytes && memory.getInt(at + LEVEL_OFFSET) == level
                && memory.getInt(at + TYPE_OFFSET) == type;
    }

    /**
     * Where the data are of the message that {@link #next} found.
     *
     * @return an offset in the memory
     */
    public int dataOffset() {
        return at + CMSGHDR_BYTES;
    }

    /**
     * How many they are.
     *
     * @return bytes; negative if no message was found
     */
    public int dataBytes() {
        return dataBytes;
    }

    /**
     * Before laying out what is to go.
     *
     * @param offset of the first message
     * @param roomBytes that there are for all
     */
    public void begin(int offset, int roomBytes) {
        wrap(offset, roomBytes, roomBytes);
    }

    /**
     * Lays out one message more, all but its data.
     *
     * @param level of the kernel's
     * @param type of that level
     * @param bytes of its data
     * @return where they go, an offset in the memory; {@link ReturnCode#MESSAGE_TOO_LONG} if there
     *     is no room, and then nothing was written; {@link ReturnCode#BAD_ARGUMENT}
     */
    public int add(int level, int type, int bytes) {
        if (bytes < 0) {
            return ReturnCode.BAD_ARGUMENT;
        }
        if (bytes > end - next - CMSGHDR_BYTES || spaceBytes(bytes) > end - next) {
            return ReturnCode.MESSAGE_TOO_LONG;
        }
        at = next;
        dataBytes = bytes;
        memory.putLong(at, CMSGHDR_BYTES + bytes);
        memory.putInt(at + LEVEL_OFFSET, level);
        memory.putInt(at + TYPE_OFFSET, type);
        next += spaceBytes(bytes);
        return at + CMSGHDR_BYTES;
    }

    /**
     * How much was laid out, for the {@code msghdr}.
     *
     * @return bytes
     */
    public int bytes() {
        return next - first;
    }

    /**
     * How much room a message takes.
     *
     * @param dataBytes of its data
     * @return bytes, its header and what aligns the next included
     */
    public static int spaceBytes(int dataBytes) {
        return CMSGHDR_BYTES + align(dataBytes);
    }

    private static int align(int bytes) {
        return bytes + 7 & ~7;
    }
}
