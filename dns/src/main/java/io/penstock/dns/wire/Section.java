package io.penstock.dns.wire;

/** The four parts of a message, in their order. */
public final class Section {
    /** The questions. */
    public static final int QUESTION = 0;
    /** The records that answer the question. */
    public static final int ANSWER = 1;
    /** The records of the zone's authority: NS or SOA. */
    public static final int AUTHORITY = 2;
    /** Additional records: addresses of name servers, EDNS, signatures. */
    public static final int ADDITIONAL = 3;

    static final int COUNT = 4;

    private Section() {
    }
}
