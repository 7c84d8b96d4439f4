package io.penstock.dns.resolver;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;

/**
 * The layout of an answer, in the cache and in buffers where one is built: a header, then either
 * addresses or a message with the records.
 *
 * <pre>
 *    0  int   result    0, or a negative code if nothing was found
 *    4  int   count     of addresses or records
 *    8  int   flags
 *   12  int   length    of the message; 0 if addresses follow
 *   16  long  ttl       seconds
 *   24  addresses: long high, long low, int family, int scope
 *       or the message
 * </pre>
 */
final class Answer {
    static final int RESULT = 0;
    static final int COUNT = 4;
    static final int FLAGS = 8;
    static final int MESSAGE_LENGTH = 12;
    static final int TTL = 16;
    static final int HEADER_BYTES = 24;
    static final int ADDRESS_BYTES = 24;
    static final int LOW = 8;
    static final int FAMILY = 16;
    static final int SCOPE = 20;
    static final int MAX_ADDRESSES = 64;
    /** The most memory that an answer of addresses takes. */
    static final int ADDRESSES_BYTES = HEADER_BYTES + MAX_ADDRESSES * ADDRESS_BYTES;

    /** A trusted server says that the answer is authentic (AD). */
    static final int AUTHENTIC = 1;
    /** The answer comes from the hosts file, or the name has a fixed meaning. */
    static final int LOCAL = 2;
    /** The answer has expired. */
    static final int STALE = 4;

    private Answer() {
    }

    static void begin(NativeBuffer b, int at, int result) {
        b.putInt(at + RESULT, result);
        b.putInt(at + COUNT, 0);
        b.putInt(at + FLAGS, 0);
        b.putInt(at + MESSAGE_LENGTH, 0);
        b.putLong(at + TTL, 0);
    }

    /** Adds an address, unless the answer has it already or is full. */
    static void add(NativeBuffer b, int at, long high, long low, int family, int scope) {
        int count = b.getInt(at + COUNT);
        for (int i = 0; i < count; i++) {
            int a = address(at, i);
            if (b.getLong(a) == high && b.getLong(a + LOW) == low
                    && b.getInt(a + FAMILY) == family && b.getInt(a + SCOPE) == scope) {
                return;
            }
        }
        if (count < MAX_ADDRESSES) {
            int a = address(at, count);
            b.putLong(a, high);
            b.putLong(a + LOW, low);
            b.putInt(a + FAMILY, family);
            b.putInt(a + SCOPE, scope);
            b.putInt(at + COUNT, count + 1);
        }
    }

    /** Adds the addresses of another answer. */
    static void addAll(NativeBuffer b, int at, NativeBuffer from, int fromAt) {
        for (int i = 0; i < from.getInt(fromAt + COUNT); i++) {
            int a = address(fromAt, i);
            add(b, at, from.getLong(a), from.getLong(a + LOW), from.getInt(a + FAMILY),
                    from.getInt(a + SCOPE));
        }
    }

    static int address(int at, int index) {
        return at + HEADER_BYTES + index * ADDRESS_BYTES;
    }

    /** The bytes that the answer takes. */
    static int length(NativeBuffer b, int at) {
        int message = b.getInt(at + MESSAGE_LENGTH);
        return HEADER_BYTES + (message > 0 ? message : b.getInt(at + RESULT) < 0 ? 0
                : b.getInt(at + COUNT) * ADDRESS_BYTES);
    }

    /** Whether a result is neither success nor a name or type that does not exist. */
    static boolean isFailure(int result) {
        return result < 0 && result != ReturnCode.DNS_NXDOMAIN && result != ReturnCode.DNS_NODATA;
    }

    /** The result for the handler: the count, or a negative code. */
    static int result(NativeBuffer b, int at) {
        int result = b.getInt(at + RESULT);
        return result < 0 ? result : b.getInt(at + COUNT);
    }
}
