package io.penstock.samples;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.Invariant;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.pipes.StandardStream;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.UdpMetrics;
import io.penstock.udp.UdpSocket;

/**
 * Both directions of a copy over datagrams. What a read of standard input gives is a datagram, and
 * keeps standard input waiting while the socket has no room for it; the socket waits while standard
 * output has no room for what came.
 */
final class DatagramRelay {
    // nc's: its peers cut off what is longer.
    private static final int MAX_BYTES = 16 << 10;
    private static final int UNIX_OVERHEAD_BYTES = 32;

    private final StandardStream in;
    private final StandardStream out;
    private final UdpSocket socket;
    private final NativeBuffer chunk = NativeBuffer.allocate(MAX_BYTES);
    private int position; // of what waits, in the chunk
    private int waiting;
    private int datagramBytes = MAX_BYTES;
    private long ignoredBytes;

    DatagramRelay(StandardStream in, StandardStream out, UdpSocket socket) {
        this.in = in;
        this.out = out;
        this.socket = socket;
        in.readInto(chunk, 0, MAX_BYTES);
    }

    /** Before the first datagram: a Unix socket takes no longer ones than its buffer. */
    void measure(boolean isUnix) {
        if (isUnix) {
            int room = socket.option(SocketOption.SO_SNDBUF) - UNIX_OVERHEAD_BYTES;
            datagramBytes = Math.clamp(room, 1, MAX_BYTES);
        }
    }

    /** Sends what standard input gave: 0, or a code of the socket's. */
    int data(int offset, int length) {
        position = offset;
        waiting = length;
        return flush();
    }

    /** Sends what waits: 0, or a code of the socket's. */
    int flush() {
        while (waiting > 0) {
            int n = socket.send(chunk, position, Math.min(waiting, datagramBytes));
            if (n < 0) {
                in.pause();
                return n == -Errno.EAGAIN ? 0 : n;
            }
            position += n;
            waiting -= n;
        }
        return 0;
    }

    boolean isSent() {
        return waiting == 0;
    }

    /** Passes on a datagram: 0 or more, or a code of standard output's. */
    int deliver(DatagramBatch batch, int slot) {
        if (!out.isOpen()) {
            ignore(batch.length(slot));
            return 0;
        }
        int n = out.write(batch.buffer(), batch.offset(slot), batch.length(slot));
        if (n >= 0 && out.queuedBytes() > 0) {
            socket.pause();
        }
        return n;
    }

    /** Takes note of bytes that came and are nobody's. */
    void ignore(int lengthBytes) {
        ignoredBytes += lengthBytes;
    }

    /** Adds a line for each broken invariant of the copy, once all of its handles are closed. */
    void brokenInvariants(StringBuilder lines) {
        if (in.isEnded()) {
            Invariant.equal("sent_bytes", socket.counter(UdpMetrics.SENT_BYTES_OFFSET),
                    "stdin.read_bytes", in.counter(StreamMetrics.READ_BYTES_OFFSET), lines);
            Invariant.atMost("stdin.data", in.counter(StreamMetrics.DATA_OFFSET),
                    "sent_datagrams", socket.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET), lines);
        }
        Invariant.equal("stdout.written_bytes + ignored",
                out.counter(StreamMetrics.WRITTEN_BYTES_OFFSET) + ignoredBytes,
                "received_bytes", socket.counter(UdpMetrics.RECEIVED_BYTES_OFFSET), lines);
        Invariant.equal("truncated", socket.counter(UdpMetrics.TRUNCATED_OFFSET), "0", 0, lines);
    }
}
