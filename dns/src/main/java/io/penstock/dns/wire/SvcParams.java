package io.penstock.dns.wire;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.SvcParamKey;

/**
 * A cursor over the parameters of an SVCB or HTTPS record, in ascending order of their keys. They
 * were checked with their record: a port has 2 octets, a list of protocols is whole, and so on.
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
     * Makes a cursor over nothing.
     *
     * <p><b>Allocation</b>: set-up.
     */
    public SvcParams() {
    }

    /**
     * Takes the parameters of a record.
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
     * Goes to the next parameter, at first to the first.
     *
     * @return whether there is one
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
     * Goes to the parameter of a key, wherever the cursor is.
     *
     * @param key of {@link SvcParamKey}
     * @return whether there is one
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
     * The key of the parameter that the cursor is at.
     *
     * @return a number of {@link SvcParamKey}
     */
    public int key() {
        return RdataChecker.u16(buffer, param);
    }

    /**
     * Where the parameter's value begins.
     *
     * @return the offset in the record's buffer
     */
    public int offset() {
        return param + FIXED_BYTES;
    }

    /**
     * How long the parameter's value is.
     *
     * @return the octets
     */
    public int length() {
        return RdataChecker.u16(buffer, param + 2);
    }
}
