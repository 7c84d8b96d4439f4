package io.penstock.proof;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.tls.TlsContext;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** All clients of a soak, what they share, and what they saw. */
final class Callers {
    static final int PATTERN_BYTES = 1 << 16;
    static final int MAX_MESSAGE_BYTES = 1 << 14;

    final EventLoop loop;
    final Endpoint plainServer;
    final Endpoint tlsServer;
    final long meanPauseNs;
    final SplittableRandom random = new SplittableRandom(1);
    final Invariants invariants = new Invariants();
    final NativeBuffer pattern = NativeBuffer.allocate(PATTERN_BYTES + MAX_MESSAGE_BYTES);
    private final Caller[] callers;
    private final Map<Integer, long[]> results = new TreeMap<>();
    private final Map<Integer, long[]> failedWrites = new TreeMap<>();
    boolean isStopping;
    long opened;
    long closed;
    long gentle; // of those that closed: all was echoed, and both sides said that it was all
    long early; // ended by the server before that
    long bytes;
    long failures; // to connect

    /**
     * Clients which are not connected yet.
     *
     * @param plain how many over TCP
     * @param secure how many over TLS
     */
    Callers(EventLoop loop, Endpoint plainServer, Endpoint tlsServer, TlsContext context,
            int plain, int secure, long meanPauseNs) {
        this.loop = loop;
        this.plainServer = plainServer;
        this.tlsServer = tlsServer;
        this.meanPauseNs = meanPauseNs;
        for (int i = 0; i < pattern.capacity(); i++) {
            pattern.putByte(i, (byte) ((i % PATTERN_BYTES) * 31 >>> 3));
        }
        callers = new Caller[plain + secure];
        for (int i = 0; i < callers.length; i++) {
            callers[i] = new Caller(this, i < plain ? null : context, i);
        }
    }

    void start() {
        for (Caller caller : callers) {
            caller.pause(meanPauseNs);
        }
    }

    /** Every caller closes, and none comes back. */
    void stop() {
        isStopping = true;
        for (Caller caller : callers) {
            caller.stop();
        }
    }

    long open() {
        long open = 0;
        for (Caller caller : callers) {
            open += caller.isConnected() ? 1 : 0;
        }
        return open;
    }

    boolean isAllClosed() {
        for (Caller caller : callers) {
            if (caller.isOpen()) {
                return false;
            }
        }
        return true;
    }

    void failed(int code) {
        failures++;
        if (code != -Errno.EADDRNOTAVAIL && code != -Errno.EADDRINUSE) { // ports that rest
            invariants.broken("connect: " + ReturnCode.describe(code));
        }
    }

    void result(int code) {
        results.computeIfAbsent(code, c -> new long[1])[0]++;
    }

    void writeFailed(int code) {
        failedWrites.computeIfAbsent(code, c -> new long[1])[0]++;
    }

    /** How connections ended, for people. */
    String endings() {
        StringBuilder text = new StringBuilder();
        append(text, results, "");
        append(text, failedWrites, ", of a write");
        return text.toString();
    }

    private static void append(StringBuilder text, Map<Integer, long[]> counts, String what) {
        counts.forEach((code, count) -> text.append("  ").append(count[0]).append(" x ")
                .append(code == 0 ? "0" : ReturnCode.describe(code)).append(what).append('\n'));
    }
}
