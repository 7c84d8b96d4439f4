package io.penstock.tls.openssl;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Where the library calls back: one stub of each kind for the whole process, made when it is first
 * wanted and never freed. A call comes in the thread that is calling the library, and goes to
 * whoever said {@link #enter} there last. None lets an exception out, which would end the process.
 */
@SuppressWarnings("restricted") // native access is what this module is granted
public final class Upcalls {
    /** The kinds. */
    public static final int ALPN = 0;
    public static final int SERVER_NAME = 1;
    public static final int STAPLE = 2;
    public static final int KEY_LOG = 3;
    public static final int TICKET_KEY = 4;
    public static final int INFO = 5;
    public static final int COOKIE_MAKE = 6;
    public static final int COOKIE_CHECK = 7;
    public static final int RETRANSMIT = 8;
    public static final int TICKET_MADE = 9;
    public static final int TICKET_OPENED = 10;

    /** What callbacks answer. */
    public static final int OK = 0;
    public static final int ALERT_FATAL = 2;
    public static final int NO_ACK = 3;

    /** What is done about a ticket: it is no good, but another may be sent; or it is used. */
    public static final int TICKET_IGNORE_RENEW = 2;
    public static final int TICKET_USE = 3;
    public static final int TICKET_USE_RENEW = 4;

    private static final int ALERT = 0x4000; // of what onInfo is told of

    private static final String[] METHODS = {
        "alpn", "serverName", "staple", "keyLog", "ticketKey", "info",
        "cookieMake", "cookieCheck", "retransmit", "ticketMade", "ticketOpened",
    };
    private static final long[] STUBS = new long[METHODS.length];
    private static final ThreadLocal<Active> ACTIVE = ThreadLocal.withInitial(Active::new);

    /** Who is called in a thread. */
    public static final class Active {
        public Target target;
    }

    /** Who can be called. */
    public interface Target {
        /** A server's choice among what was offered: OK or ALERT_FATAL. */
        int onAlpn(long name, long length, long offered, int offeredBytes);

        /** A server's choice of certificate: OK, ALERT_FATAL or NO_ACK. */
        int onServerName(long ssl, long alert);

        /** A server may staple: OK or NO_ACK. */
        int onStaple(long ssl);

        /** A line of the key log. */
        void onKeyLog(long line);

        /** The key of a ticket: 1 there is one, 2 and the ticket should be renewed, 0 none. */
        int onTicketKey(long name, long iv, long cipher, long mac, boolean isNew);

        /** An alert came or goes. */
        void onInfo(int where, int value);

        /** A cookie for who has just said hello: 1, or 0 if there is none. */
        int onCookieMake(long cookie, long length);

        /** Whether it is the cookie of who has just said hello: 1 or 0. */
        int onCookieCheck(long cookie, int bytes);

        /** How long to wait for an answer after so many microseconds, 0 at first. */
        int onRetransmit(int waitedUs);

        /** A ticket is about to be made of a connection's session. */
        void onTicketMade(long ssl);

        /** A ticket was opened, or was not: one of TICKET_…. */
        int onTicketOpened(long session, int status);

        /** A method above has thrown. */
        void onThrown(Throwable thrown);
    }

    private Upcalls() {
    }

    /** From now on calls of this thread go there. */
    public static void enter(Target target) {
        active().target = target;
    }

    /** Where this thread keeps who is called: for those who enter often. */
    public static Active active() {
        return ACTIVE.get();
    }

    /** The function of a kind. */
    public static synchronized long stub(int kind) {
        if (STUBS[kind] == 0) {
            STUBS[kind] = make(METHODS[kind]);
        }
        return STUBS[kind];
    }

    private static long make(String method) {
        try {
            MethodType type = MethodType.methodType(int.class, long.class, long.class, long.class,
                    long.class, long.class, long.class);
            MethodHandle handle = MethodHandles.lookup().findStatic(Upcalls.class, method, type);
            return Linker.nativeLinker().upcallStub(handle,
                    FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                            JAVA_LONG, JAVA_LONG), Arena.global()).address();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e); // the methods are below
        }
    }

    private static int thrown(Target target, Throwable thrown, int answer) {
        try {
            target.onThrown(thrown);
        } catch (Throwable again) {
            return answer; // nothing may leave
        }
        return answer;
    }

    static int alpn(long ssl, long name, long length, long offered, long offeredBytes, long none) {
        Target target = ACTIVE.get().target;
        try {
            return target.onAlpn(name, length, offered, (int) offeredBytes);
        } catch (Throwable t) {
            return thrown(target, t, ALERT_FATAL);
        }
    }

    static int serverName(long ssl, long alert, long none, long n2, long n3, long n4) {
        Target target = ACTIVE.get().target;
        try {
            return target.onServerName(ssl, alert);
        } catch (Throwable t) {
            return thrown(target, t, ALERT_FATAL);
        }
    }

    static int staple(long ssl, long none, long n2, long n3, long n4, long n5) {
        Target target = ACTIVE.get().target;
        try {
            return target.onStaple(ssl);
        } catch (Throwable t) {
            return thrown(target, t, NO_ACK);
        }
    }

    static int keyLog(long ssl, long line, long none, long n2, long n3, long n4) {
        Target target = ACTIVE.get().target;
        try {
            target.onKeyLog(line);
            return 0;
        } catch (Throwable t) {
            return thrown(target, t, 0);
        }
    }

    static int ticketKey(long ssl, long name, long iv, long cipher, long mac, long encrypts) {
        Target target = ACTIVE.get().target;
        try {
            return target.onTicketKey(name, iv, cipher, mac, (int) encrypts == 1);
        } catch (Throwable t) {
            return thrown(target, t, -1);
        }
    }

    static int info(long ssl, long where, long value, long none, long n2, long n3) {
        if (((int) where & ALERT) == 0) {
            return 0; // progress, of which there is much in a handshake
        }
        Target target = ACTIVE.get().target;
        try {
            target.onInfo((int) where, (int) value);
            return 0;
        } catch (Throwable t) {
            return thrown(target, t, 0);
        }
    }

    static int cookieMake(long ssl, long cookie, long length, long none, long n2, long n3) {
        Target target = ACTIVE.get().target;
        try {
            return target.onCookieMake(cookie, length);
        } catch (Throwable t) {
            return thrown(target, t, 0);
        }
    }

    static int cookieCheck(long ssl, long cookie, long bytes, long none, long n2, long n3) {
        Target target = ACTIVE.get().target;
        try {
            return target.onCookieCheck(cookie, (int) bytes);
        } catch (Throwable t) {
            return thrown(target, t, 0);
        }
    }

    static int retransmit(long ssl, long waitedUs, long none, long n2, long n3, long n4) {
        Target target = ACTIVE.get().target;
        try {
            return target.onRetransmit((int) waitedUs);
        } catch (Throwable t) {
            return thrown(target, t, 1_000_000);
        }
    }

    static int ticketMade(long ssl, long none, long n2, long n3, long n4, long n5) {
        Target target = ACTIVE.get().target;
        try {
            target.onTicketMade(ssl);
            return 1;
        } catch (Throwable t) {
            return thrown(target, t, 1); // 0 would end the connection; this ticket is no good
        }
    }

    static int ticketOpened(
            long ssl, long session, long name, long nameBytes, long status, long none) {
        Target target = ACTIVE.get().target;
        try {
            return target.onTicketOpened(session, (int) status);
        } catch (Throwable t) {
            return thrown(target, t, TICKET_IGNORE_RENEW);
        }
    }
}
