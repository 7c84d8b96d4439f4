package io.penstock.benchmarks;

/** A peer cannot run on this machine; nothing is wrong with what it is compared with. */
public final class AbsentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says so.
     *
     * @param peer which
     * @param cause why
     */
    public AbsentException(String peer, Throwable cause) {
        super(peer + " cannot run here", cause);
    }
}
