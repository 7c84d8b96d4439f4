package io.penstock.tls;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * A flight of records, one behind the other, each with its length: it is cut into datagrams between
 * records, as many of them in a datagram as fit.
 *
 * <pre>
 *   record    0      1         3       5          11       13
 *             +------+---------+-------+----------+--------+- - - -
 *             | type | version | epoch | sequence | length | payload
 *             +------+---------+-------+----------+--------+- - - -
 * </pre>
 *
 * <p><b>See</b>: RFC 6347, section 4.1.
 */
final class Flight {
    private static final int HEADER_BYTES = 13;
    private static final int LENGTH_OFFSET = 11;

    private Flight() {
    }

    /** The end of the datagram that begins at {@code from}; it has at least one record. */
    static int end(DirectBuffer records, int from, int to, int datagramBytes) {
        int end = recordEnd(records, from, to);
        int next = end;
        while (next < to && next - from <= datagramBytes) {
            end = next;
            next = recordEnd(records, next, to);
        }
        return next - from <= datagramBytes ? next : end;
    }

    private static int recordEnd(DirectBuffer records, int from, int to) {
        return to - from < HEADER_BYTES ? to : Math.min(to, from + HEADER_BYTES
                + (records.getShort(from + LENGTH_OFFSET, ByteOrder.BIG_ENDIAN) & 0xffff));
    }
}
