package io.penstock.core.net;

import static io.penstock.core.sys.Linux.CMSGHDR_BYTES;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;

/**
 * The control messages of a {@code msghdr}: walks over received messages, and lays out messages to
 * send.
 *
 * <pre>
 *   0         8        12       16        16 + data   aligned to 8
 *   +---------+--------+--------+- - - - - - - -+ - - +- - - - -
 *   | length  | level  | type   | data          |     | the next
 *   +---------+--------+--------+- - - - - - - -+ - - +- - - - -
 * </pre>
 *
 * <p><b>Bounds.</b> Lengths are checked: a message counts only if all of it lies within the
 * received length, and that length counts only up to the room for messages. A message that the
 * kernel has cut short has less data than its type needs, so {@link #is} answers false.
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
    private int at; // offset of the message that was found or added
    private int dataBytes; // of that message; negative if there is none

    /**
     * A codec over memory that holds no message yet.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param memory the memory of the messages
     */
    public ControlMessages(NativeBuffer memory) {
        this.memory = memory;
        dataBytes = -1;
    }

    /**
     * Begins a walk over received messages.
     *
     * @param offset of the first message
     * @param roomBytes the room for all messages
     * @param saidBytes the received length, as the kernel or another source says; it counts up to
     *     {@code roomBytes}
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
     * @return 1 if there is one; 0 if there is none; {@code -EBADMSG} if the next bytes are no
     *     message; then the walk is over
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
     * Tests the level and type of the message that {@link #next} found.
     *
     * @param level of the message, such as {@code SOL_SOCKET}
     * @param type of the message, within the level
     * @param leastBytes the least data that such a message has
     * @return true if the message is of that type, and whole
     */
    public boolean is(int level, int type, int leastBytes) {
        return dataBytes >= leastBytes && memory.getInt(at + LEVEL_OFFSET) == level
                && memory.getInt(at + TYPE_OFFSET) == type;
    }

    /**
     * The offset of the data of the message that {@link #next} found.
     *
     * @return an offset in the memory
     */
    public int dataOffset() {
        return at + CMSGHDR_BYTES;
    }

    /**
     * The length of the data of the message that {@link #next} found.
     *
     * @return bytes; negative if no message was found
     */
    public int dataBytes() {
        return dataBytes;
    }

    /**
     * Begins to lay out messages to send.
     *
     * @param offset of the first message
     * @param roomBytes the room for all messages
     */
    public void begin(int offset, int roomBytes) {
        wrap(offset, roomBytes, roomBytes);
    }

    /**
     * Lays out one more message, all but its data, which the caller writes.
     *
     * @param level of the message, such as {@code SOL_SOCKET}
     * @param type of the message, within the level
     * @param bytes the length of its data
     * @return the offset of the data in the memory; {@link ReturnCode#MESSAGE_TOO_LONG} if there is
     *     no room: nothing was written; {@link ReturnCode#BAD_ARGUMENT} if {@code bytes} is
     *     negative
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
     * The length of all messages that were laid out, for the {@code msghdr}.
     *
     * @return bytes
     */
    public int bytes() {
        return next - first;
    }

    /**
     * The room that a message takes.
     *
     * @param dataBytes the length of its data
     * @return bytes, including the header and the padding
     */
    public static int spaceBytes(int dataBytes) {
        return CMSGHDR_BYTES + align(dataBytes);
    }

    private static int align(int bytes) {
        return bytes + 7 & ~7;
    }
}
