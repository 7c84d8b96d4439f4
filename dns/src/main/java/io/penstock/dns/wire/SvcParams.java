package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.SvcParamKey;

/**
 * A cursor over the parameters of an SVCB or HTTPS record, in ascending order of their keys. The
 * check of the record covers them: a port has 2 octets, a list of protocols is whole, and so on.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after construction.
 * <b>See</b>: RFC 9460.
 */
public final class SvcParams {
    private static final int FIXED_BYTES = 4;

    private NativeBuffer buffer;
    private int start;
    private int end;
    private int param;
    private int next;

    /**
     * Makes a cursor without a record.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public SvcParams() {
    }

    /**
     * Moves the cursor to before the first parameter of a record.
     *
     * @param record of type SVCB or HTTPS
     */
    public void wrap(ResourceRecord record) {
        buffer = record.buffer();
        start = Math.max(0, record.offset(Rdata.SVCB_PARAMS));
        end = start + record.length(Rdata.SVCB_PARAMS);
        next = start;
    }

    /**
     * Moves the cursor to the next parameter, or at first to the first parameter.
     *
     * @return false after the last parameter
     */
    public boolean next() {
        if (next == end) {
            return false;
        }
        param = next;
        next = offset() + length();
        return true;
    }

    /**
     * Moves the cursor to the parameter of a key, wherever the cursor is.
     *
     * @param key of {@link SvcParamKey}
     * @return false if there is no such parameter
     */
    public boolean find(int key) {
        next = start;
        while (next()) {
            if (key() == key) {
                return true;
            }
        }
        return false;
    }

    /**
     * The key of the parameter at the cursor.
     *
     * @return a number of {@link SvcParamKey}
     */
    public int key() {
        return RdataChecker.u16(buffer, param);
    }

    /**
     * The offset of the parameter's value.
     *
     * @return the offset in the record's buffer
     */
    public int offset() {
        return param + FIXED_BYTES;
    }

    /**
     * The length of the parameter's value.
     *
     * @return the octets
     */
    public int length() {
        return RdataChecker.u16(buffer, param + 2);
    }
}
