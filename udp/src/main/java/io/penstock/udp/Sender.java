package io.penstock.udp;

import io.penstock.core.loop.Timer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.util.concurrent.TimeUnit;

/**
 * The sending side of a datagram socket. Its two states, which {@link UdpSocket} has the tables of,
 * say whether an {@code onWritable} is due, and whether the kernel cuts regions into segments.
 *
 * <p>After a send that finds no room, {@code onWritable} follows when the kernel reports room. For
 * a Unix socket the kernel reports room even while the receiver is full, at once and for ever. So
 * after a report that proves false, {@code onWritable} follows by a timer.
 */
final class Sender {
    private static final long BACKOFF_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int SENDMMSG_MAX = 1024; // the kernel's UIO_MAXIOV
    private static final int FLAGS = Linux.MSG_DONTWAIT | Linux.MSG_NOSIGNAL;

    private enum Output { IDLE, WAITING, TOLD, BACKING_OFF }

    private enum Segments { OFFLOADED, SINGLE }

    private final UdpSocket socket;
    private final Posix posix;
    private final Headers single; // for datagrams in the caller's memory
    private final Timer backoff;
    private Output output = Output.IDLE;
    private Segments segments = Segments.OFFLOADED;
    private boolean isUnix;
    private int stopCode; // why the last sendSingly stopped before the end, or 0

    /** The timer calls {@link #backoffIsOver}. */
    Sender(UdpSocket socket, Posix posix, Headers single, Timer backoff) {
        this.socket = socket;
        this.posix = posix;
        this.single = single;
        this.backoff = backoff;
    }

    /** Begins a new life of the socket: nothing was sent. */
    void reset(int family) {
        isUnix = family == Linux.AF_UNIX;
        output = Output.IDLE;
        segments = isUnix ? Segments.SINGLE : Segments.OFFLOADED;
    }

    void close() {
        backoff.cancel();
    }

    boolean isOffloadRefused() {
        return segments == Segments.SINGLE;
    }

    // Room

    /** Whether the kernel is asked to report room. */
    boolean awaitsRoom() {
        return output == Output.WAITING;
    }

    /** Takes the kernel's report of room; true if {@code onWritable} is due. */
    boolean hasRoom() {
        if (output != Output.WAITING) {
            return false;
        }
        output = isUnix ? Output.TOLD : Output.IDLE;
        return true;
    }

    /** The timer has fired: {@code onWritable} is due. */
    void backoffIsOver() {
        output = Output.TOLD;
    }

    private void notAllTaken() {
        if (output == Output.IDLE) {
            output = Output.WAITING;
            socket.updateOperations();
        } else if (output == Output.TOLD) {
            output = Output.BACKING_OFF;
            backoff.start(BACKOFF_NS);
        }
    }

    private void taken(int datagrams, long bytes, int ofSegments) {
        if (output == Output.TOLD) {
            output = Output.IDLE; // the report was true
        }
        socket.addTo(UdpMetrics.SENT_BATCHES_OFFSET, 1);
        socket.addTo(UdpMetrics.SENT_DATAGRAMS_OFFSET, datagrams);
        socket.addTo(UdpMetrics.SENT_BYTES_OFFSET, bytes);
        if (ofSegments > 0) {
            socket.addTo(UdpMetrics.SENT_SEGMENTS_OFFSET, ofSegments);
        }
    }

    private int answer(int sent, int wanted, int code) {
        if (sent < wanted && (sent > 0 || code == -Errno.EAGAIN)) {
            notAllTaken();
        }
        if (sent > 0) {
            return sent;
        }
        socket.addTo(code == -Errno.EAGAIN ? UdpMetrics.EAGAIN_OFFSET : UdpMetrics.ERROR_OFFSET, 1);
        return code;
    }

    // One datagram

    /** Sends one datagram: its length, or a code. */
    int send(long address, int length, Endpoint destination) {
        int n = (int) posix.sendto(socket.openDescriptor(), address, length, FLAGS,
                destination == null ? 0 : destination.address(),
                destination == null ? 0 : destination.length());
        if (n >= 0) {
            taken(1, n, 0);
            return n;
        }
        return answer(0, 1, n);
    }

    // A region

    /** Sends a region: its length, less if its segments were sent singly, or a code. */
    int send(long address, int length, int segmentBytes, Endpoint destination) {
        single.destination(0, destination);
        int count = (length + segmentBytes - 1) / segmentBytes;
        boolean goesSingly = count > 1 && segments == Segments.SINGLE;
        int n = goesSingly ? 0 : sendTogether(address, length, segmentBytes, count);
        if (goesSingly || count > 1 && mayRefuseOffload(n)) {
            int sent = sendSingly(single, 0, address, length, segmentBytes);
            n = sent > 0 ? sent : stopCode;
        }
        return answer(Math.max(0, n), length, n);
    }

    private int sendTogether(long address, int length, int segmentBytes, int count) {
        single.readyToSend(0, address, length, count > 1 ? segmentBytes : 0);
        int n = (int) posix.sendmsg(socket.openDescriptor(), single.address(0), FLAGS);
        if (n >= 0) {
            taken(count, n, count > 1 ? count : 0);
        }
        return n;
    }

    // A batch

    /** Sends slots: how many were sent, or a code if none was. */
    int send(DatagramBatch batch, int first, int count) {
        int sent = 0;
        int asked;
        int n;
        do {
            int slot = first + sent;
            asked = together(batch, slot, count - sent);
            n = asked == 0 ? 0 : sendTogether(batch, slot, asked);
            if (asked == 0 || batch.isSegmented(slot) && mayRefuseOffload(n)) {
                asked = 1;
                n = sendSingly(batch, slot);
            }
            sent += Math.max(0, n);
        } while (sent < count && n > 0 && (n == asked || mayBeRefused(batch, first + sent)));
        return answer(sent, count, n);
    }

    /** How many slots one call may send: up to a slot whose segments must be sent singly. */
    private int together(DatagramBatch batch, int first, int count) {
        int most = Math.min(count, SENDMMSG_MAX);
        int n = segments == Segments.SINGLE ? 0 : most;
        while (n < most && !batch.isSegmented(first + n)) {
            n++;
        }
        return n;
    }

    /** The call stopped at this slot: whether a refused offload may be why. */
    private boolean mayBeRefused(DatagramBatch batch, int slot) {
        return segments == Segments.OFFLOADED && batch.isSegmented(slot);
    }

    private int sendTogether(DatagramBatch batch, int first, int count) {
        batch.readyToSend(first, count);
        int sent = posix.sendmmsg(
                socket.openDescriptor(), batch.headers.address(first), count, FLAGS);
        if (sent < 0) {
            return sent;
        }
        long bytes = 0;
        int datagrams = 0;
        int ofSegments = 0;
        for (int slot = first; slot < first + sent; slot++) {
            int pieces = batch.segments(slot);
            bytes += batch.length(slot);
            datagrams += pieces;
            ofSegments += pieces > 1 ? pieces : 0;
        }
        taken(datagrams, bytes, ofSegments);
        return sent;
    }

    /** Sends a slot's segments singly: 1, or a code; the batch remembers how many bytes went. */
    private int sendSingly(DatagramBatch batch, int slot) {
        int done = batch.sentBytes(slot);
        int sent = sendSingly(batch.headers, slot, batch.address(slot) + done,
                batch.length(slot) - done, batch.segmentBytes(slot));
        return batch.sentSingly(slot, sent) ? 1 : stopCode;
    }

    // Segments one by one

    /** Sends segments singly: the bytes sent; {@link #stopCode} says why not all were. */
    private int sendSingly(Headers headers, int slot, long address, int length, int segment) {
        int sent = 0;
        stopCode = 0;
        while (sent < length && stopCode == 0) {
            int n = Math.min(segment, length - sent);
            headers.readyToSend(slot, address + sent, n, 0);
            int rc = (int) posix.sendmsg(socket.openDescriptor(), headers.address(slot), FLAGS);
            if (rc < 0) {
                stopCode = rc;
            } else {
                sent += n;
                taken(1, n, 0);
            }
        }
        if (segments == Segments.OFFLOADED && (sent > 0 || stopCode == -Errno.EAGAIN)) {
            segments = Segments.SINGLE; // single segments go, so the offload was refused
            socket.addTo(UdpMetrics.GSO_REFUSED_OFFSET, 1);
        }
        return sent;
    }

    /** EIO: the device cannot compute checksums. EINVAL: other reasons, or another fault. */
    private boolean mayRefuseOffload(int code) {
        return segments == Segments.OFFLOADED && (code == -Errno.EIO || code == -Errno.EINVAL);
    }
}
