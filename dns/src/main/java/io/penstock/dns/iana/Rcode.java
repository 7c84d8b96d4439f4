package io.penstock.dns.iana;

/**
 * How a question was answered. Those above 15 take EDNS or TSIG.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 * <b>See</b>: the IANA registry "DNS RCODEs".
 */
public final class Rcode {
    /** No error. */
    public static final int NOERROR = 0;
    /** The server could not make out the question. */
    public static final int FORMERR = 1;
    /** The server failed. */
    public static final int SERVFAIL = 2;
    /** The name does not exist. */
    public static final int NXDOMAIN = 3;
    /** The server does not do that. */
    public static final int NOTIMP = 4;
    /** The server will not do that. */
    public static final int REFUSED = 5;
    /** A name exists that should not (RFC 2136). */
    public static final int YXDOMAIN = 6;
    /** A record set exists that should not (RFC 2136). */
    public static final int YXRRSET = 7;
    /** A record set does not exist that should (RFC 2136). */
    public static final int NXRRSET = 8;
    /** Not authoritative for the zone, or not authorised. */
    public static final int NOTAUTH = 9;
    /** The name is not in the zone (RFC 2136). */
    public static final int NOTZONE = 10;
    /** That stateful operation is not known (RFC 8490). */
    public static final int DSOTYPENI = 11;
    /** Another version of EDNS, or, in TSIG, a bad signature (RFC 6891, RFC 8945). */
    public static final int BADVERS = 16;
    /** The key is not known (RFC 8945). */
    public static final int BADKEY = 17;
    /** The signature's time is not now (RFC 8945). */
    public static final int BADTIME = 18;
    /** That mode of TKEY is not known (RFC 2930). */
    public static final int BADMODE = 19;
    /** The name of the key exists (RFC 2930). */
    public static final int BADNAME = 20;
    /** The algorithm is not known (RFC 2930). */
    public static final int BADALG = 21;
    /** The signature is cut too short (RFC 8945). */
    public static final int BADTRUNC = 22;
    /** The cookie is missing or wrong (RFC 7873). */
    public static final int BADCOOKIE = 23;

    /** The other name of {@link #BADVERS}, in TSIG. */
    public static final String BADSIG_NAME = "BADSIG";

    private static final Registry NAMES = new Registry(32)
            .add(NOERROR, "NOERROR")
            .add(FORMERR, "FORMERR")
            .add(SERVFAIL, "SERVFAIL")
            .add(NXDOMAIN, "NXDOMAIN")
            .add(NOTIMP, "NOTIMP")
            .add(REFUSED, "REFUSED")
            .add(YXDOMAIN, "YXDOMAIN")
            .add(YXRRSET, "YXRRSET")
            .add(NXRRSET, "NXRRSET")
            .add(NOTAUTH, "NOTAUTH")
            .add(NOTZONE, "NOTZONE")
            .add(DSOTYPENI, "DSOTYPENI")
            .add(BADVERS, "BADVERS")
            .add(BADKEY, "BADKEY")
            .add(BADTIME, "BADTIME")
            .add(BADMODE, "BADMODE")
            .add(BADNAME, "BADNAME")
            .add(BADALG, "BADALG")
            .add(BADTRUNC, "BADTRUNC")
            .add(BADCOOKIE, "BADCOOKIE")
            .add(BADVERS, BADSIG_NAME);

    private Rcode() {
    }

    /**
     * The name of a response code.
     *
     * @param code its number
     * @return its name, or null if it has none
     */
    public static String name(int code) {
        return NAMES.name(code);
    }

    /**
     * The number of a response code's name.
     *
     * @param name in any case, or {@code RCODE123}
     * @return its number, or -1 if there is none
     */
    public static int parse(CharSequence name) {
        return NAMES.code(name, "RCODE", 0xffff);
    }
}
