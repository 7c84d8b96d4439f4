package io.penstock.proof;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.Timer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Linux;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsStream;
import org.agrona.DirectBuffer;

/**
 * A client that comes back for ever: it connects, says something a few times and holds what is
 * echoed against it, ends in one of three ways, and begins anew.
 */
final class Caller implements StreamHandler {
    private static final int GENTLE = 0; // half closed, and the rest waited for
    private static final int ABRUPT = 1; // closed with something under way
    private static final int RESET = 2;
    private static final int SOURCES = 200; // addresses, for each has only so many ports
    private static final int SLOW_ONE_IN = 64; // does not read for a while what it asked for
    private static final int SLOW_BYTES = 1 << 18;

    private final Callers all;
    private final SocketStream socket;
    private final TlsStream tls; // or null
    private final Stream top;
    private final Endpoint source = new Endpoint();
    private final Timer timer;
    private long goal;
    private long sent;
    private long received;
    private int rounds;
    private int ending;
    private boolean isConnected;
    private boolean isEnding;
    private boolean mayHaveErrors;

    Caller(Callers all, TlsContext context, int number) {
        this.all = all;
        timer = new Timer(all.loop, t -> proceed());
        tls = context == null ? null : new TlsStream(context, this);
        socket = new SocketStream(all.loop, tls == null ? this : tls.transport());
        top = tls == null ? socket : tls;
        source.ipv4(Endpoint.IPV4_LOOPBACK + (1 << 8) + number % SOURCES, 0);
    }

    /** Waits for about so long: then it begins, says something or reads on. */
    void pause(long meanNs) {
        int rc = timer.start(all.random.nextLong(2 * meanNs + 1));
        if (rc < 0) {
            all.invariants.broken("timer: " + ReturnCode.describe(rc));
        }
    }

    boolean isOpen() {
        return socket.isOpen() || top.isOpen();
    }

    boolean isConnected() {
        return isConnected;
    }

    void stop() {
        timer.cancel();
        top.close();
        socket.close();
    }

    private void proceed() {
        if (!isOpen()) {
            begin();
        } else if (!top.isOpen()) {
            pause(all.meanPauseNs / 10); // what it went over closes in a later turn
        } else if (!top.isReading()) {
            top.resume();
        } else {
            say();
        }
    }

    private void begin() {
        goal = 0;
        sent = 0;
        received = 0;
        rounds = 1 + all.random.nextInt(4);
        ending = all.random.nextInt(4) % 3; // GENTLE twice as often
        isEnding = false;
        mayHaveErrors = false;
        int rc = socket.open(Linux.AF_INET);
        if (rc >= 0) {
            rc = socket.bind(source);
        }
        if (rc >= 0) {
            rc = socket.connect(tls == null ? all.plainServer : all.tlsServer);
        }
        if (rc >= 0 && tls != null) {
            rc = tls.open(socket);
        }
        if (rc < 0) {
            all.failed(rc);
            socket.close();
            pause(all.meanPauseNs);
        }
    }

    private void say() {
        boolean isSlow = all.random.nextInt(SLOW_ONE_IN) == 0;
        goal += isSlow ? SLOW_BYTES : 1 + all.random.nextInt(Callers.MAX_MESSAGE_BYTES);
        send();
        if (isSlow && isOpen()) {
            top.pause();
            pause(50_000_000);
        }
    }

    private void send() {
        while (sent < goal) {
            int length = (int) Math.min(goal - sent, Callers.MAX_MESSAGE_BYTES);
            int n = top.write(all.pattern, (int) (sent % Callers.PATTERN_BYTES), length);
            if (n < 0 && n != ReturnCode.POOL_EXHAUSTED) {
                mayHaveErrors = true;
                all.writeFailed(n);
                top.close(); // the server has gone
                return;
            }
            sent += Math.max(0, n);
            if (n < length) {
                return; // onWritable follows
            }
        }
    }

    @Override
    public void onOpen(Stream s) {
        isConnected = true;
        all.opened++;
        s.resume();
        say();
    }

    @Override
    public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
        for (int i = 0; i < length; i++) {
            int at = (int) ((received + i) % Callers.PATTERN_BYTES);
            if (buffer.getByte(offset + i) != all.pattern.getByte(at)) {
                all.invariants.broken("byte " + (received + i) + " came back altered");
                s.close();
                return;
            }
        }
        received += length;
        all.bytes += length;
        if (received == goal && sent == goal) {
            if (--rounds > 0) {
                pause(all.meanPauseNs / 2);
            } else {
                end();
            }
        }
    }

    private void end() {
        isEnding = true;
        switch (ending) {
            case GENTLE -> top.shutdown();
            case ABRUPT -> {
                goal += all.random.nextInt(Callers.MAX_MESSAGE_BYTES);
                send();
                top.close();
            }
            default -> {
                socket.setOption(SocketOption.SO_LINGER, 0);
                top.close();
            }
        }
    }

    @Override
    public void onWritable(Stream s) {
        send();
    }

    @Override
    public void onEnd(Stream s) {
        s.close();
    }

    @Override
    public void onClose(Stream s, int result) {
        all.invariants.closed(s.name(), s, result != 0 || mayHaveErrors);
        all.result(result);
        all.closed++;
        if (isEnding && ending == GENTLE && !all.isStopping) {
            all.gentle++;
            if (result == 0 && s.counter(StreamMetrics.READ_BYTES_OFFSET)
                    != s.counter(StreamMetrics.WRITTEN_BYTES_OFFSET)) {
                all.invariants.broken(s.name() + ": echoed less than was written");
            }
        }
        all.early += isConnected && !isEnding && !all.isStopping ? 1 : 0;
        isConnected = false;
        timer.cancel();
        if (!all.isStopping) {
            pause(all.meanPauseNs / 10);
        }
    }
}
