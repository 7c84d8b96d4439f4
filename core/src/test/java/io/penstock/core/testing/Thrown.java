package io.penstock.core.testing;

/** What a test's callback throws. */
public final class Thrown extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** One that says where. */
    public Thrown(String callback) {
        super(callback);
    }
}
