package io.penstock.dns.iana;

/**
 * The classes of records, and those that only questions and updates have.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 * <b>See</b>: RFC 1035, RFC 2136.
 */
public final class RecordClass {
    /** The Internet. */
    public static final int IN = 1;
    /** Chaosnet; servers tell their version in it. */
    public static final int CH = 3;
    /** Hesiod. */
    public static final int HS = 4;
    /** In an update: no record (RFC 2136). */
    public static final int NONE = 254;
    /** In a question or an update: every class. */
    public static final int ANY = 255;

    private static final Registry NAMES = new Registry(8)
            .add(IN, "IN")
            .add(CH, "CH")
            .add(HS, "HS")
            .add(NONE, "NONE")
            .add(ANY, "ANY");

    private RecordClass() {
    }

    /**
     * The name of a class.
     *
     * @param code its number
     * @return its name, or null if it has none
     */
    public static String name(int code) {
        return NAMES.name(code);
    }

    /**
     * The number of a class's name.
     *
     * @param name in any case, or {@code CLASS123}
     * @return its number, or -1 if there is none
     */
    public static int parse(CharSequence name) {
        return NAMES.code(name, "CLASS", 0xffff);
    }
}
