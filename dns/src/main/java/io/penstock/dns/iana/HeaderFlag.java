package io.penstock.dns.iana;

/**
 * The flags in the second 16 bits of a message's header, in their places.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 * <b>See</b>: RFC 1035, RFC 4035.
 */
public final class HeaderFlag {
    /** This is a response. */
    public static final int QR = 0x8000;
    /** The server answers with authority. */
    public static final int AA = 0x0400;
    /** The message is cut short. */
    public static final int TC = 0x0200;
    /** Recursion is desired. */
    public static final int RD = 0x0100;
    /** Recursion is available. */
    public static final int RA = 0x0080;
    /** The data was authenticated (RFC 4035). */
    public static final int AD = 0x0020;
    /** Do not check signatures (RFC 4035). */
    public static final int CD = 0x0010;

    private static final Registry NAMES = new Registry(8)
            .add(QR, "QR")
            .add(AA, "AA")
            .add(TC, "TC")
            .add(RD, "RD")
            .add(RA, "RA")
            .add(AD, "AD")
            .add(CD, "CD");

    private HeaderFlag() {
    }

    /**
     * The name of a flag.
     *
     * @param code its number
     * @return its name, or null if it has none
     */
    public static String name(int code) {
        return NAMES.name(code);
    }

    /**
     * The number of a flag's name.
     *
     * @param name in any case, or its digits
     * @return its number, or -1 if there is none
     */
    public static int parse(CharSequence name) {
        return NAMES.code(name, "", 0xffff);
    }
}
