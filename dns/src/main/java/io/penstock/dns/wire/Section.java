package io.penstock.dns.wire;

/** The four parts of a message, in their order. */
public final class Section {
    /** What is asked. */
    public static final int QUESTION = 0;
    /** What answers it. */
    public static final int ANSWER = 1;
    /** Who has authority over it. */
    public static final int AUTHORITY = 2;
    /** What may help besides. */
    public static final int ADDITIONAL = 3;

    static final int COUNT = 4;

    private Section() {
    }
}
