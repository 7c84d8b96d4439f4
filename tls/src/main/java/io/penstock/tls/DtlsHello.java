package io.penstock.tls;

/**
 * The hello that an acceptor opened a connection by. The acceptor knows by it whether a hello from
 * the same address is a copy, or begins a new connection.
 */
final class DtlsHello {
    private long random0;
    private long random1;
    private long cookieNs;

    /** Notes a hello, and when the cookie was made that it brought. */
    void note(long hello, long cookieNs) {
        random0 = Cookies.random(hello, 0);
        random1 = Cookies.random(hello, 1);
        this.cookieNs = cookieNs;
    }

    /** Whether another hello is a copy of this one: it has the same random. */
    boolean isCopiedBy(long hello) {
        return Cookies.random(hello, 0) == random0 && Cookies.random(hello, 1) == random1;
    }

    /** When the cookie was made that it brought. */
    long cookieNs() {
        return cookieNs;
    }
}
