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
 * <p>Those options whose form is known were checked with the message: cookies have 8 or 16 to 40
 * octets, a client subnet as many as its prefix needs, and so on. Others are kept as they are.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none. <b>See</b>: RFC 6891.
 */
public final class Edns {
    /** The most options that a message may have. */
    public static final int MAX_OPTIONS = 64;
    /** The flag that asks for DNSSEC. */
    public static final int DNSSEC_OK = 0x8000;
    /** How long a client's cookie is; the rest is the server's (RFC 7873). */
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
     * The longest datagram that the sender takes.
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
     * @return 0, so far
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
     * Whether DNSSEC is asked for.
     *
     * @return whether it is
     */
    public boolean isDnssecOk() {
        return (flags() & DNSSEC_OK) != 0;
    }

    // Options

    /**
     * Goes to the next option, at first to the first.
     *
     * @return whether there is one
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
     * Goes to the first option of a code, wherever the cursor is.
     *
     * @param code of {@link EdnsOption}
     * @return whether there is one
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

    /** Goes back to before the first option. */
    public void rewind() {
        next = opt + FIXED_BYTES;
    }

    /**
     * The code of the option that the cursor is at.
     *
     * @return a number of {@link EdnsOption}
     */
    public int optionCode() {
        return RdataChecker.u16(buffer, option);
    }

    /**
     * Where the option's data begins. A cookie's first 8 octets are the client's, the rest the
     * server's; a client subnet's address begins at 4; an extended error's text at 2.
     *
     * @return the offset in the message
     */
    public int optionOffset() {
        return option + OPTION_FIXED_BYTES;
    }

    /**
     * How long the option's data is.
     *
     * @return the octets
     */
    public int optionLength() {
        return RdataChecker.u16(buffer, option + 2);
    }

    // What the data of an option says: the cursor must be at one of that code

    /**
     * The address family of a client subnet.
     *
     * @return 1 for IPv4, 2 for IPv6
     */
    public int subnetFamily() {
        return RdataChecker.u16(buffer, optionOffset());
    }

    /**
     * How many bits of the address the asker gave.
     *
     * @return the source prefix's length
     */
    public int subnetSourcePrefix() {
        return buffer.getByte(optionOffset() + 2) & 0xff;
    }

    /**
     * How many bits of the address the answer is for.
     *
     * @return the scope prefix's length
     */
    public int subnetScopePrefix() {
        return buffer.getByte(optionOffset() + 3) & 0xff;
    }

    /**
     * How long a connection may idle, in units of 100 ms.
     *
     * @return that, or -1 if a client asks
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
