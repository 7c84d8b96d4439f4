package io.penstock.core;

import io.penstock.core.sys.Errno;

/**
 * What every call answers: {@code >= 0} is success (bytes, a count, or 0), {@code -1..-4095} is
 * {@code -errno}, {@code <= -10_000} is Penstock's own, a block of a hundred a module.
 *
 * <pre>
 *   -10_000..  core      -10_100..  pipes     -10_200..  udp
 *   -10_300..  dns       -10_400..  tls       -10_500..  metrics bindings
 * </pre>
 */
public final class ReturnCode {
    /** Success, where there is nothing to count. */
    public static final int OK = 0;

    /** The peer, or the file, has no more bytes. */
    public static final int EOF = -10_000;
    /** This operating system or processor is not one that Penstock runs on. */
    public static final int UNSUPPORTED_PLATFORM = -10_001;
    /** The handle is closed, or is closing. */
    public static final int CLOSED = -10_002;
    /** The handle is not open yet. */
    public static final int NOT_OPEN = -10_003;
    /** The handle is open already. */
    public static final int ALREADY_OPEN = -10_004;
    /** The handle is attached to a loop, which does this by itself. */
    public static final int ATTACHED = -10_005;
    /** Every slab of the pool is taken. */
    public static final int POOL_EXHAUSTED = -10_006;
    /** Every slot of the loop's handle table is taken. */
    public static final int HANDLES_EXHAUSTED = -10_007;
    /** Every place of the loop's timer heap is taken. */
    public static final int TIMERS_EXHAUSTED = -10_008;
    /** The loop's task queue is full. */
    public static final int TASKS_EXHAUSTED = -10_009;
    /** Every place for a check hook is taken. */
    public static final int CHECKS_EXHAUSTED = -10_010;
    /** Every block of the metrics region is taken. */
    public static final int METRICS_EXHAUSTED = -10_011;
    /** The buffer lies on the Java heap, where the kernel cannot reach. */
    public static final int HEAP_BUFFER = -10_012;
    /** The text is not an address of any kind that is known here. */
    public static final int BAD_ADDRESS = -10_013;
    /** The name or path does not fit where the kernel keeps it. */
    public static final int NAME_TOO_LONG = -10_014;
    /** The message could never fit the queue or pool that would hold it. */
    public static final int MESSAGE_TOO_LONG = -10_015;
    /** This kind of handle, or of descriptor, cannot do that. */
    public static final int NOT_SUPPORTED = -10_016;
    /** A value lies outside what the call takes. */
    public static final int BAD_ARGUMENT = -10_017;
    /** The caller is not the loop's thread. */
    public static final int WRONG_THREAD = -10_018;
    /** The deadline passed first. */
    public static final int TIMED_OUT = -10_019;

    /** More descriptors were sent than could be taken; those that were taken are closed. */
    public static final int DESCRIPTORS_TRUNCATED = -10_020;

    /** The region's first bytes are not those of a metrics region. */
    public static final int REGION_FOREIGN = -10_030;
    /** The region was written by a version that this one does not read. */
    public static final int REGION_VERSION = -10_031;
    /** The region was written on a machine of the other byte order. */
    public static final int REGION_ENDIAN = -10_032;
    /** The region's file is shorter than its header says, or an offset points outside it. */
    public static final int REGION_TRUNCATED = -10_033;
    /** The block does not stand still long enough to be read, or is another's by now. */
    public static final int BLOCK_CHANGED = -10_034;
    /** The type has more fields than a block of this region has words. */
    public static final int BLOCK_TOO_SMALL = -10_035;
    /** Every place of the region's type table is taken. */
    public static final int TYPES_EXHAUSTED = -10_036;

    /** The frame's checksum is not that of its bytes. */
    public static final int FRAME_CORRUPT = -10_100;
    /** The frame is longer than the reader takes. */
    public static final int FRAME_TOO_LONG = -10_101;
    /** The stream ended inside a frame. */
    public static final int FRAME_TRUNCATED = -10_102;
    /** The text does not fit the buffer. */
    public static final int TEXT_TOO_LONG = -10_500;

    /** One send would be cut into more datagrams than the kernel takes at once. */
    public static final int TOO_MANY_SEGMENTS = -10_200;

    private static final int OWN_BASE = -10_000;
    private static final String[] OWN = new String[600];

    static {
        own(EOF, "EOF: end of stream");
        own(UNSUPPORTED_PLATFORM, "UNSUPPORTED_PLATFORM: needs Linux on x86-64 or aarch64");
        own(CLOSED, "CLOSED: handle is closed");
        own(NOT_OPEN, "NOT_OPEN: handle is not open");
        own(ALREADY_OPEN, "ALREADY_OPEN: handle is open already");
        own(ATTACHED, "ATTACHED: handle is attached to a loop");
        own(POOL_EXHAUSTED, "POOL_EXHAUSTED: buffer pool is empty");
        own(HANDLES_EXHAUSTED, "HANDLES_EXHAUSTED: loop has no free handle slot");
        own(TIMERS_EXHAUSTED, "TIMERS_EXHAUSTED: loop has no free timer slot");
        own(TASKS_EXHAUSTED, "TASKS_EXHAUSTED: loop's task queue is full");
        own(CHECKS_EXHAUSTED, "CHECKS_EXHAUSTED: loop has no free check slot");
        own(METRICS_EXHAUSTED, "METRICS_EXHAUSTED: metrics region has no free block");
        own(HEAP_BUFFER, "HEAP_BUFFER: buffer is on the Java heap");
        own(BAD_ADDRESS, "BAD_ADDRESS: not an address");
        own(NAME_TOO_LONG, "NAME_TOO_LONG: name or path is too long");
        own(MESSAGE_TOO_LONG, "MESSAGE_TOO_LONG: message is too long for its queue");
        own(NOT_SUPPORTED, "NOT_SUPPORTED: not possible on this kind of handle");
        own(BAD_ARGUMENT, "BAD_ARGUMENT: value out of range");
        own(WRONG_THREAD, "WRONG_THREAD: not the loop's thread");
        own(TIMED_OUT, "TIMED_OUT: deadline passed");
        own(DESCRIPTORS_TRUNCATED, "DESCRIPTORS_TRUNCATED: too many descriptors in a message");
        own(REGION_FOREIGN, "REGION_FOREIGN: not a metrics region");
        own(REGION_VERSION, "REGION_VERSION: metrics region of another version");
        own(REGION_ENDIAN, "REGION_ENDIAN: metrics region of the other byte order");
        own(REGION_TRUNCATED, "REGION_TRUNCATED: metrics region is cut short");
        own(BLOCK_CHANGED, "BLOCK_CHANGED: metrics block changed while being read");
        own(BLOCK_TOO_SMALL, "BLOCK_TOO_SMALL: metrics type does not fit a block");
        own(TYPES_EXHAUSTED, "TYPES_EXHAUSTED: metrics region has no free type");
        own(FRAME_CORRUPT, "FRAME_CORRUPT: frame checksum does not match");
        own(FRAME_TOO_LONG, "FRAME_TOO_LONG: frame is longer than allowed");
        own(FRAME_TRUNCATED, "FRAME_TRUNCATED: stream ended inside a frame");
        own(TOO_MANY_SEGMENTS, "TOO_MANY_SEGMENTS: more than 64 segments in one send");
        own(TEXT_TOO_LONG, "TEXT_TOO_LONG: text does not fit the buffer");
    }

    private ReturnCode() {
    }

    private static void own(int code, String text) {
        OWN[OWN_BASE - code] = text;
    }

    /**
     * The name and meaning of a result.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none for a code that is listed.
     *
     * @param code any result of any call
     * @return such as {@code "EAGAIN: resource temporarily unavailable"}; never null
     */
    public static String describe(int code) {
        if (code >= 0) {
            return "OK";
        }
        int index = OWN_BASE - code;
        String text = index < 0 ? Errno.describe(-code) : index < OWN.length ? OWN[index] : null;
        return text == null ? "unknown result " + code : text;
    }
}
