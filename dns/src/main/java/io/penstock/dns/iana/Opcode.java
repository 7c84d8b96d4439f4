package io.penstock.dns.iana;

/**
 * The kinds of query.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 * <b>See</b>: RFC 1035, the IANA registry "DNS OpCodes".
 */
public final class Opcode {
    /** A question. */
    public static final int QUERY = 0;
    /** An inverse question; obsolete. */
    public static final int IQUERY = 1;
    /** The status of a server. */
    public static final int STATUS = 2;
    /** That a zone has changed (RFC 1996). */
    public static final int NOTIFY = 4;
    /** A change to a zone (RFC 2136). */
    public static final int UPDATE = 5;
    /** Stateful operations (RFC 8490). */
    public static final int DSO = 6;

    private static final Registry NAMES = new Registry(8)
            .add(QUERY, "QUERY")
            .add(IQUERY, "IQUERY")
            .add(STATUS, "STATUS")
            .add(NOTIFY, "NOTIFY")
            .add(UPDATE, "UPDATE")
            .add(DSO, "DSO");

    private Opcode() {
    }

    /**
     * The name of an opcode.
     *
     * @param code its number
     * @return its name, or null if it has none
     */
    public static String name(int code) {
        return NAMES.name(code);
    }

    /**
     * The number of an opcode's name.
     *
     * @param name in any case, or {@code OPCODE123}
     * @return its number, or -1 if there is none
     */
    public static int parse(CharSequence name) {
        return NAMES.code(name, "OPCODE", 15);
    }
}
