package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Stream;
import io.penstock.core.sys.Errno;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpMetrics;
import io.penstock.udp.UdpSocket;
import org.agrona.DirectBuffer;

/**
 * {@code netcat -u}: standard input to a datagram socket, and the socket to standard output. As
 * with nc, a listener takes the first who sends for its peer, unless it keeps listening to anybody
 * (and then sends nothing); an empty datagram is the peer's end; and the end of standard input ends
 * nothing, for answers may come.
 */
final class DatagramNetcat extends Conversation implements DatagramHandler {
    // All that a batch brings must fit where what standard output does not take at once is kept.
    private static final int BATCH_BYTES = (SLABS - 1) * SLAB_BYTES;
    private static final int UDP_SLOTS = 14; // 64 KiB each: any fits
    private static final int UNIX_SLOTS = 2; // what fits in the widest send buffer by default

    private final DatagramBatch batch;
    private final UdpSocket socket;
    private final DatagramRelay relay;
    private final Endpoint sender = new Endpoint();
    private Endpoint peer; // null while there is none
    private boolean isStarted;
    private boolean isPeerDone;

    DatagramNetcat(Arguments arguments, NetcatOptions options) {
        super(arguments, options);
        int slots = options.isUnix ? UNIX_SLOTS : UDP_SLOTS;
        batch = new DatagramBatch(slots, BATCH_BYTES / slots);
        socket = new UdpSocket(loop, this, batch);
        socket.name("socket");
        relay = new DatagramRelay(in, out, socket);
    }

    @Override
    void begin() {
        if (options.listens) {
            bind(options.listenAt());
        } else {
            connect(options.peers());
        }
        relay.measure(options.isUnix);
    }

    private void bind(Endpoint local) {
        Tools.bound(socket, local, "netcat", socket.replaceStalePath().bind(local));
        socket.localEndpoint(sender);
        options.say("Bound on " + sender);
    }

    /** Connects to the first address that the kernel has a way to. */
    private void connect(Endpoint[] candidates) {
        int rc = -Errno.ENOENT;
        for (int i = 0; i < candidates.length && peer == null; i++) {
            Endpoint candidate = candidates[i];
            Endpoint local = socket.isOpen() ? null : options.source(candidate.family());
            if (local != null) {
                bind(local);
            }
            rc = socket.connect(candidate);
            peer = rc == 0 ? candidate : null;
        }
        Tools.require(rc, "netcat: connect to " + candidates[candidates.length - 1]);
        options.say("Connection to " + peer + " succeeded!");
    }

    @Override
    boolean canStart() {
        return !isStarted;
    }

    @Override
    void start() {
        isStarted = true;
        socket.resume();
        if (peer != null) {
            in.resume();
        }
        if (!options.keepsListening) {
            watchProgress();
        }
    }

    /** The first who sends, and can be answered, is the peer. */
    private void meet(Endpoint first) {
        peer = new Endpoint();
        peer.copyFrom(first);
        int rc = socket.connect(peer);
        if (rc < 0) {
            failed(rc);
            return;
        }
        options.say("Connection received");
        awaitProgress();
        in.resume();
    }

    @Override
    long receivedBytes() {
        return socket.counter(UdpMetrics.RECEIVED_BYTES_OFFSET);
    }

    @Override
    public void onDatagrams(UdpSocket from, DatagramBatch batch, int count) {
        for (int slot = 0; slot < count; slot++) {
            int length = batch.length(slot);
            if (!isHeard(slot)) {
                relay.ignore(length);
            } else if (length == 0 && !options.keepsListening) {
                isPeerDone = true;
                socket.pause();
            } else {
                deliver(slot);
            }
        }
        endIfDone();
    }

    /** Whether a datagram is the peer's. Others may have come before the socket was connected. */
    private boolean isHeard(int slot) {
        if (options.listens && !options.keepsListening) {
            batch.sender(slot, sender);
            if (peer == null && sender.length() > 0) {
                meet(sender);
            }
            return !isPeerDone && (peer == null || peer.equals(sender));
        }
        return !isPeerDone;
    }

    private void deliver(int slot) {
        int n = relay.deliver(batch, slot);
        if (n < 0) {
            lost(out, n);
        }
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        int rc = relay.data(offset, length);
        if (rc < 0) {
            failed(rc);
        } else if (options.intervalNs > 0) {
            in.pause();
            interval.start(options.intervalNs);
        }
    }

    @Override
    void next() {
        if (relay.isSent()) {
            resumeInput();
        }
    }

    @Override
    public void onWritable(UdpSocket from) {
        int rc = relay.flush();
        if (rc < 0) {
            failed(rc);
        } else if (relay.isSent() && !interval.isPending()) {
            resumeInput();
        }
        endIfDone();
    }

    @Override
    public void onWritable(Stream stream) {
        if (!isPeerDone) {
            socket.resume();
        }
    }

    @Override
    public void onEnd(Stream stream) {
        isInputDone = true;
        in.close();
        endIfDone();
    }

    /** As nc does: both directions have ended, or a listener's peer has. */
    private void endIfDone() {
        if (isPeerDone && relay.isSent() && (isInputDone || options.listens)) {
            end(status);
        }
    }

    @Override
    void timeOut() {
        end(Exit.OK);
    }

    @Override
    void closeSocket() {
        socket.close();
    }

    /** Such as nobody being there: what was sent is lost. */
    @Override
    public void onError(UdpSocket from, int code, Endpoint destination) {
        failed(code);
    }

    private void failed(int code) {
        if (status == Exit.OK) {
            System.err.println("netcat: " + (peer == null ? socket.name() : peer) + ": "
                    + ReturnCode.describe(code));
        }
        end(Exit.FAILURE);
    }

    @Override
    public void onClose(UdpSocket closed, int result) {
        DatagramReport.closed(report, socket);
        if (result < 0 && result != ReturnCode.CLOSED) {
            failed(result);
        }
    }

    @Override
    void reportCopies() {
        StringBuilder lines = new StringBuilder();
        relay.brokenInvariants(lines);
        report.broken(socket.name(), lines);
    }
}
