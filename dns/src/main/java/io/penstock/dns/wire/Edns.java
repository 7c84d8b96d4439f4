package io.penstock.dns.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.EdnsOption;

/**
 * The OPT record of a message, and a cursor over its options.
 *
 * <pre>
 *   0  the root   1  OPT       3  payload size   5  extended rcode
 *   6  version    7  flags     9  length         11 options: code, length, data
 * </pre>
 *
 * <p>The message has checked the options of known form: a cookie has 8 or 16 to 40 octets, a client
 * subnet as many as its prefix needs, and so on. Other options may have any data.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none. <b>See</b>: RFC 6891.
 */
public final class Edns {
    /** The greatest number of options in a message. */
    public static final int MAX_OPTIONS = 64;
    /** The flag that asks for DNSSEC. */
    public static final int DNSSEC_OK = 0x8000;
    /** The length of a client's cookie, in front of the server's (RFC 7873). */
    public static final int CLIENT_COOKIE_BYTES = 8;

    static final int FIXED_BYTES = 11;
    private static final int OPTION_FIXED_BYTES = 4;

    private NativeBuffer buffer;
    private int opt;
    private int option;
    private int next;

    Edns() {
    }

    void set(NativeBuffer buffer, int opt) {
        this.buffer = buffer;
        this.opt = opt;
        rewind();
    }

    /**
     * The length of the longest datagram that the sender accepts.
     *
     * @return the octets
     */
    public int payloadSize() {
        return RdataChecker.u16(buffer, opt + 3);
    }

    /**
     * The upper bits of the response code.
     *
     * @return 8 bits
     */
    public int extendedRcode() {
        return buffer.getByte(opt + 5) & 0xff;
    }

    /**
     * The version.
     *
     * @return 0: there is no other version yet
     */
    public int version() {
        return buffer.getByte(opt + 6) & 0xff;
    }

    /**
     * The flags.
     *
     * @return 16 bits
     */
    public int flags() {
        return RdataChecker.u16(buffer, opt + 7);
    }

    /**
     * Whether the sender asks for DNSSEC records.
     *
     * @return whether the DO flag is set
     */
    public boolean isDnssecOk() {
        return (flags() & DNSSEC_OK) != 0;
    }

    // Options

    /**
     * Moves the cursor to the next option, or at first to the first option.
     *
     * @return false after the last option
     */
    public boolean nextOption() {
        if (next == opt + FIXED_BYTES + RdataChecker.u16(buffer, opt + 9)) {
            return false;
        }
        option = next;
        next = optionOffset() + optionLength();
        return true;
    }

    /**
     * Moves the cursor to the first option of a code, wherever the cursor is.
     *
     * @param code of {@link EdnsOption}
     * @return false if there is no such option
     */
    public boolean find(int code) {
        rewind();
        while (nextOption()) {
            if (optionCode() == code) {
                return true;
            }
        }
        return false;
    }

    /** Moves the cursor to before the first option. */
    public void rewind() {
        next = opt + FIXED_BYTES;
    }

    /**
     * The code of the option at the cursor.
     *
     * @return a number of {@link EdnsOption}
     */
    public int optionCode() {
        return RdataChecker.u16(buffer, option);
    }

    /**
     * The offset of the option's data. In a cookie the first 8 octets are the client's, the others
     * the server's. In a client subnet the address begins at 4, in an extended error the text at 2.
     *
     * @return the offset in the message
     */
    public int optionOffset() {
        return option + OPTION_FIXED_BYTES;
    }

    /**
     * The length of the option's data.
     *
     * @return the octets
     */
    public int optionLength() {
        return RdataChecker.u16(buffer, option + 2);
    }

    // Fields of options: the cursor must be at an option of that code

    /**
     * The address family of a client subnet.
     *
     * @return 1 for IPv4, 2 for IPv6
     */
    public int subnetFamily() {
        return RdataChecker.u16(buffer, optionOffset());
    }

    /**
     * The number of bits of the address in the query.
     *
     * @return the source prefix's length
     */
    public int subnetSourcePrefix() {
        return buffer.getByte(optionOffset() + 2) & 0xff;
    }

    /**
     * The number of bits of the address for which the answer holds.
     *
     * @return the scope prefix's length
     */
    public int subnetScopePrefix() {
        return buffer.getByte(optionOffset() + 3) & 0xff;
    }

    /**
     * How long a connection may be idle, in units of 100 ms.
     *
     * @return the time, or -1 in a query, which has none
     */
    public int keepaliveTimeout100Ms() {
        return optionLength() == 0 ? -1 : RdataChecker.u16(buffer, optionOffset());
    }

    /**
     * The code of an extended error.
     *
     * @return a number of {@link io.penstock.dns.iana.ExtendedError}
     */
    public int extendedError() {
        return RdataChecker.u16(buffer, optionOffset());
    }

    /**
     * The client's cookie.
     *
     * @return its 64 bits
     */
    public long clientCookie() {
        return buffer.getLong(optionOffset(), BIG_ENDIAN);
    }
}
