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
 * The callbacks of the library: one stub of each kind for the whole process, made when it is first
 * needed and never freed. A callback comes in the thread that calls the library, and goes to the
 * target of the last {@link #enter} in that thread. None lets an exception out, which would end the
 * process.
 */
@SuppressWarnings("restricted") // native access is granted to this module
public final class Upcalls {
    /** The kind of the callback that chooses an application protocol; the other kinds follow. */
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

    /** The result of a callback for success; the other results follow. */
    public static final int OK = 0;
    public static final int ALERT_FATAL = 2;
    public static final int NO_ACK = 3;

    /** The library ignores a ticket, and may send another; the other results for tickets follow. */
    public static final int TICKET_IGNORE_RENEW = 2;
    public static final int TICKET_USE = 3;
    public static final int TICKET_USE_RENEW = 4;

    private static final int ALERT = 0x4000; // the kind of event that onInfo is told of

    private static final String[] METHODS = {
        "alpn", "serverName", "staple", "keyLog", "ticketKey", "info",
        "cookieMake", "cookieCheck", "retransmit", "ticketMade", "ticketOpened",
    };
    private static final long[] STUBS = new long[METHODS.length];
    private static final ThreadLocal<Active> ACTIVE = ThreadLocal.withInitial(Active::new);

    /** The target of a thread. */
    public static final class Active {
        public Target target;
    }

    /** The receiver of callbacks. */
    public interface Target {
        /** Chooses a server's protocol among those offered: OK or ALERT_FATAL. */
        int onAlpn(long name, long length, long offered, int offeredBytes);

        /** Chooses a server's certificate: OK, ALERT_FATAL or NO_ACK. */
        int onServerName(long ssl, long alert);

        /** Lets a server staple: OK or NO_ACK. */
        int onStaple(long ssl);

        /** Takes a line of the key log. */
        void onKeyLog(long line);

        /** Sets the key of a ticket: 1; 2 if the ticket should be renewed; 0 if there is no key. */
        int onTicketKey(long name, long iv, long cipher, long mac, boolean isNew);

        /** An alert was received, or is sent. */
        void onInfo(int where, int value);

        /** Makes a cookie for the hello that is read: 1, or 0 without one. */
        int onCookieMake(long cookie, long length);

        /** Whether a cookie is good for the hello that is read: 1 or 0. */
        int onCookieCheck(long cookie, int bytes);

        /** The next wait for an answer after one of so many microseconds; 0 before the first. */
        int onRetransmit(int waitedUs);

        /** A ticket is about to be made of a connection's session. */
        void onTicketMade(long ssl);

        /** A ticket was opened, or could not be: one of TICKET_…. */
        int onTicketOpened(long session, int status);

        /** A method above has thrown. */
        void onThrown(Throwable thrown);
    }

    private Upcalls() {
    }

    /** Sends the callbacks of this thread to a target from now on. */
    public static void enter(Target target) {
        active().target = target;
    }

    /** The holder of this thread's target, for users that enter often. */
    public static Active active() {
        return ACTIVE.get();
    }

    /** The address of the stub of a kind. */
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
            return answer; // no exception may leave
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
            return 0; // another event: a handshake has many
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
            return thrown(target, t, 1); // 0 would end the connection, not only this ticket
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
