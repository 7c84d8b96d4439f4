package io.penstock.samples;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.loop.Timer;
import io.penstock.core.net.Endpoint;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;

/**
 * {@code netcat -uz}: whether anybody receives at an address. Probes go there, as nc sends them,
 * one a second: who answers is there, and who refuses is not; silence is taken for yes.
 */
final class DatagramProbe implements DatagramHandler {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int DEFAULT_SECONDS = 3;

    private final EventLoop loop = new EventLoop(new LoopConfig().handles(2).timers(2).tasks(8));
    private final UdpSocket socket = new UdpSocket(loop, this, new DatagramBatch(1, 1));
    private final NativeBuffer probe = NativeBuffer.allocate(1);
    private final Timer timer = new Timer(loop, fired -> send());
    private final long waitNs;
    private long endNs;
    private int verdict;

    private DatagramProbe(long waitNs) {
        this.waitNs = waitNs;
        probe.putByte(0, (byte) 'X');
    }

    /** Connects, and waits to be refused: 0 or a code. */
    static int connect(Endpoint peer, NetcatOptions options) {
        long waitNs = options.waitNs > 0 ? options.waitNs : DEFAULT_SECONDS * SECOND_NS;
        DatagramProbe probe = new DatagramProbe(waitNs);
        Endpoint local = peer.isUnix() ? null : options.source(peer.family());
        int rc = probe.loop.open();
        if (rc == 0 && local != null) {
            rc = probe.socket.bind(local);
        }
        if (rc == 0) {
            rc = probe.socket.connect(peer);
        }
        if (rc == 0 && !peer.isUnix()) { // there connecting tells
            rc = probe.run();
        }
        probe.loop.close();
        return rc;
    }

    private int run() {
        socket.resume();
        endNs = loop.nowNs() + waitNs;
        send();
        loop.run();
        return verdict;
    }

    private void send() {
        long leftNs = endNs - loop.nowNs();
        if (leftNs <= 0) {
            end(0);
            return;
        }
        int rc = socket.send(probe, 0, 1);
        if (rc < 0) {
            end(rc);
        } else {
            timer.start(Math.min(leftNs, SECOND_NS));
        }
    }

    private void end(int with) {
        verdict = with;
        timer.cancel();
        socket.close();
    }

    @Override
    public void onDatagrams(UdpSocket from, DatagramBatch batch, int count) {
        end(0);
    }

    @Override
    public void onError(UdpSocket from, int code, Endpoint destination) {
        end(code);
    }

    @Override
    public void onClose(UdpSocket closed, int result) {
    }
}
