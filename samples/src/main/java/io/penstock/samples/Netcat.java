package io.penstock.samples;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Timer;
import io.penstock.core.metrics.DialerMetrics;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.DialHandler;
import io.penstock.core.net.Dialer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.Stream;
import io.penstock.core.sys.Errno;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/** Standard input to a socket and the socket to standard output, with OpenBSD nc's flags. */
public final class Netcat extends Conversation implements DialHandler {
    private static final long AGAIN_LEAST_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long AGAIN_MOST_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int ADDRESSES = 16; // of a name, at most

    private final TlsLayer tls; // or null
    private Endpoint[] peers; // the addresses that the peer has
    private Dialer dialer; // null for a listener
    private Listener listener;
    private Stream socket; // the connection, when there is one
    private Relay sending;
    private Relay receiving;
    private final Timer again = new Timer(loop, timer -> dial());
    private long againNs = AGAIN_LEAST_NS;
    private boolean isSocketOpen;

    private Netcat(Arguments arguments, NetcatOptions options) {
        super(arguments, options);
        tls = options.isTls ? new TlsLayer(arguments, this) : null;
    }

    /**
     * The program.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        Exit.with(() -> {
            Arguments arguments = NetcatOptions.arguments().parse(args);
            NetcatOptions options = new NetcatOptions(arguments);
            return options.scans ? new PortScan(options).run()
                    : options.isDatagram ? new DatagramNetcat(arguments, options).run()
                    : new Netcat(arguments, options).run();
        });
    }

    @Override
    void begin() {
        if (tls != null) {
            tls.open();
        }
        if (options.listens) {
            listener = new Listener(loop, tls == null ? this : tls.acceptor(), 1).name("socket");
            if (tls == null) {
                listener.queue(pool);
            }
            Tools.listen(listener, options.listenAt(), "netcat");
            options.say("Listening on " + options.listenAt());
        } else {
            peers = options.peers();
            dialer = new Dialer(loop, tls == null ? new SourceConnector(options, pool) : tls,
                    this, Math.min(peers.length, ADDRESSES));
            dial();
        }
    }

    private void dial() {
        int rc = dialer.dial(peers, dialer.capacity(), EventLoop.NO_LIMIT);
        Tools.require(rc, "netcat: connect");
    }

    @Override
    public void onFailed(Dialer failed, int code) {
        if (status != Exit.OK) {
            return; // it was cancelled, and that was told
        }
        if (code == -Errno.EAGAIN && options.isUnix) {
            // The listener's backlog is full, and nothing tells when it has room.
            again.start(againNs);
            againNs = Math.min(2 * againNs, AGAIN_MOST_NS);
            return;
        }
        reportDialer();
        complain(code);
        end(Exit.FAILURE);
    }

    private void reportDialer() {
        StringBuilder lines = new StringBuilder();
        DialerMetrics.brokenInvariants(dialer.metrics(), dialer.metricsOffset(), lines);
        report.closed(dialer, DialerMetrics.TYPE, lines);
    }

    /** Says why each address failed; the code is for those that have none of their own. */
    private void complain(int code) {
        for (int i = 0; i < dialer.addresses(); i++) {
            int own = dialer.code(i);
            complain(i, own == 0 || own == -Errno.EAGAIN ? code : own);
        }
    }

    private void complain(int index, int code) {
        System.err.println("netcat: connect to " + dialer.address(index) + ": "
                + explain(dialer.stream(index), code));
    }

    @Override
    boolean isNews(Stream stream) {
        return tls != null || super.isNews(stream); // a cut connection, or a stranger
    }

    @Override
    String explain(Stream stream, int code) {
        return tls == null || isStandard(stream) ? super.explain(stream, code)
                : tls.explain(stream, code);
    }

    @Override
    public void onOpen(Stream stream) {
        if (isStandard(stream)) {
            super.onOpen(stream);
        } else {
            connected(stream);
            startIfReady();
        }
    }

    private void connected(Stream stream) {
        socket = stream;
        isSocketOpen = true;
        if (tls != null) {
            options.say(tls.summary(stream));
        }
        if (listener == null) {
            reportDialer();
            sayWhoFailed();
            options.say("Connection to " + dialer.address(dialer.winner()) + " succeeded!");
        } else {
            options.say("Connection received");
            if (!options.keepsListening) {
                listener.close();
            }
        }
        awaitProgress();
    }

    private void sayWhoFailed() {
        for (int i = 0; options.isVerbose && i < dialer.addresses(); i++) {
            if (dialer.code(i) < 0) {
                complain(i, dialer.code(i));
            }
        }
    }

    @Override
    boolean canStart() {
        return isSocketOpen && sending == null;
    }

    @Override
    void start() {
        boolean splices = options.intervalNs == 0;
        sending = new Relay(in, socket);
        receiving = new Relay(socket, out);
        if (in.isOpen()) {
            sending.start(splices);
        }
        if (out.isOpen()) {
            receiving.start(splices);
        } else {
            socket.resume(); // to see its end
        }
        watchProgress();
    }

    @Override
    long receivedBytes() {
        return socket == null ? 0 : socket.counter(StreamMetrics.READ_BYTES_OFFSET);
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        Relay relay = stream == in ? sending : receiving;
        if (!relay.sink.isOpen()) {
            return;
        }
        int n = relay.data(buffer, offset, length);
        if (n < 0) {
            lost(relay.sink, n);
        } else if (options.intervalNs > 0) {
            relay.source.pause();
            interval.start(options.intervalNs);
        }
    }

    @Override
    void next() {
        if (socket.queuedBytes() == 0) {
            resumeInput();
        }
        if (socket.isOpen() && !socket.isEnded() && out.queuedBytes() == 0) {
            socket.resume();
        }
    }

    @Override
    public void onWritable(Stream stream) {
        if (sending != null && !interval.isPending()) {
            Stream source = stream == out ? receiving.source : sending.source;
            if (source.isOpen() && !source.isEnded()) {
                source.resume();
            }
        }
    }

    @Override
    public void onEnd(Stream stream) {
        if (stream == in) {
            isInputDone = true;
            in.close();
            if (options.shutsDown) {
                socket.shutdown();
            }
        }
        endIfDone();
    }

    /** As nc does: both directions have ended, or a listener's peer has. */
    private void endIfDone() {
        if (socket != null && socket.isEnded() && (isInputDone || options.listens)) {
            endConnection();
        }
    }

    private void endConnection() {
        socket.close(Close.WHEN_DRAINED);
        if (!options.keepsListening) {
            end(status);
        }
    }

    @Override
    void closeSocket() {
        again.cancel();
        if (listener != null) {
            listener.close();
        } else {
            dialer.cancel();
        }
        if (socket != null) {
            socket.close(Close.WHEN_DRAINED);
        }
    }

    @Override
    void timeOut() {
        if (!isSocketOpen) {
            complain(-Errno.ETIMEDOUT);
        }
        end(isSocketOpen ? Exit.OK : Exit.FAILURE);
    }

    @Override
    public void onClose(Stream stream, int result) {
        if (options.keepsListening && !isStandard(stream)) {
            report.closed(stream);
            tell(stream, result, isNews(stream));
            interval.cancel();
            socket = null;
            sending = null;
            isSocketOpen = false;
        } else {
            super.onClose(stream, result);
        }
    }

    @Override
    void reportCopies() {
        if (in.isEnded()) {
            report.copied(in, socket);
        }
        if (receiving != null && out.counter(StreamMetrics.CLOSE_OFFSET) == 1) {
            report.copied(socket, out);
        }
        if (tls != null) {
            tls.report();
        }
    }
}
