package io.penstock.samples;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.loop.Timer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamConnector;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import io.penstock.dns.wire.Message;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;
import org.agrona.DirectBuffer;

/**
 * Sends a message to a server, and waits for its answer: over UDP, from a port that is new each
 * time, or over a TCP connection, with TLS over it or without.
 */
final class LookupTransport implements DatagramHandler, StreamHandler {
    /** Whether a message that came is the answer, or its last one; others are passed over. */
    interface Match {
        boolean isAnswer(NativeBuffer buffer, int offset, int length);
    }

    private static final int PREFIX_BYTES = 2;

    private final EventLoop loop;
    private final DatagramBatch batch = new DatagramBatch(1, Message.MAX_BYTES);
    private final BufferPool pool = new BufferPool(8, 16 << 10);
    private final Timer limit;
    private final NativeBuffer answer = NativeBuffer.allocate(PREFIX_BYTES + Message.MAX_BYTES);
    private final NativeBuffer framed = NativeBuffer.allocate(PREFIX_BYTES + Message.MAX_BYTES);
    private final Report report;
    private Match match;
    private int framedBytes;
    private int received;
    private int result;
    private boolean isDone;
    private boolean isConnected;

    LookupTransport(Arguments arguments, Report report) {
        this.report = report;
        loop = new EventLoop(new LoopConfig().handles(8).timers(8).tasks(2)
                .metrics(Tools.region(arguments, "lookup", Tools.FEW_BLOCKS)));
        limit = new Timer(loop, timer -> end(-Errno.ETIMEDOUT));
        Tools.require(loop.open(), "lookup: loop");
    }

    EventLoop loop() {
        return loop;
    }

    /** Where the answer is, from {@link #answerOffset} on. */
    NativeBuffer answer() {
        return answer;
    }

    int answerOffset() {
        return PREFIX_BYTES;
    }

    /** Whether the last TCP connection was made. */
    boolean isConnected() {
        return isConnected;
    }

    /** The answer's length, or a code. */
    int udp(Endpoint server, Endpoint source, NativeBuffer question, int length, long timeoutNs,
            Match match) {
        UdpSocket socket = new UdpSocket(loop, this, batch);
        begin(match);
        int rc = source == null ? 0 : socket.bind(source);
        rc = rc < 0 ? rc : socket.connect(server);
        rc = rc < 0 ? rc : socket.resume();
        rc = rc < 0 ? rc : socket.send(question, 0, length);
        int outcome = rc < 0 ? rc : await(timeoutNs);
        if (socket.isOpen()) {
            socket.close();
        }
        loop.runOnce(0);
        return outcome;
    }

    /** The answer's length, or a code. Over TLS if there is one to go over it. */
    int tcp(Endpoint server, Endpoint source, NativeBuffer question, int length, long timeoutNs,
            LookupTls tls, Match match) {
        Stream stream = tls == null ? null : tls.stream(this, server);
        SocketStream socket = new SocketStream(loop, tls == null ? this : tls.transport());
        stream = stream == null ? socket : stream;
        stream.queue(pool);
        begin(match);
        isConnected = false;
        received = 0;
        framed.putShort(0, (short) length, BIG_ENDIAN);
        framed.putBytes(PREFIX_BYTES, question, 0, length);
        framedBytes = PREFIX_BYTES + length;
        int rc = source == null ? 0 : socket.open(source.family());
        rc = rc < 0 || source == null ? rc : socket.bind(source);
        rc = rc < 0 ? rc : StreamConnector.TCP.connect(socket, server);
        rc = rc < 0 || tls == null ? rc : tls.open(socket);
        int outcome = rc < 0 ? rc : await(timeoutNs);
        if (stream.isOpen()) {
            stream.close();
        } else if (socket.isOpen()) {
            socket.close();
        }
        loop.runOnce(0);
        return outcome;
    }

    private void begin(Match match) {
        loop.runOnce(0); // what went before took time, and the limit is from now on
        this.match = match;
        isDone = false;
        result = 0;
    }

    private int await(long timeoutNs) {
        limit.start(timeoutNs);
        while (!isDone) {
            loop.run(); // until the end: a turn would wait on after the timer's call
        }
        limit.cancel();
        return result;
    }

    private void end(int result) {
        if (!isDone) {
            isDone = true;
            this.result = result;
            loop.stop();
        }
    }

    // UDP

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        for (int slot = 0; slot < count && !isDone; slot++) {
            int length = batch.length(slot);
            answer.putBytes(PREFIX_BYTES, batch.buffer(), batch.offset(slot), length);
            if (match.isAnswer(answer, PREFIX_BYTES, length)) {
                end(length);
            }
        }
    }

    @Override
    public void onError(UdpSocket socket, int code, Endpoint destination) {
        end(code);
    }

    @Override
    public void onClose(UdpSocket socket, int code) {
        DatagramReport.closed(report, socket);
        end(code);
    }

    // TCP

    @Override
    public void onOpen(Stream s) {
        isConnected = true;
        s.write(framed, 0, framedBytes);
        s.resume();
    }

    @Override
    public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
        for (int at = 0; at < length && !isDone;) {
            int n = Math.min(length - at, missing());
            answer.putBytes(received, buffer, offset + at, n);
            received += n;
            at += n;
            if (received > PREFIX_BYTES && missing() == 0) {
                int bytes = received - PREFIX_BYTES;
                received = 0;
                if (match.isAnswer(answer, PREFIX_BYTES, bytes)) {
                    end(bytes);
                }
            }
        }
    }

    /** How many bytes the length in front lacks, or the message behind it. */
    private int missing() {
        return received < PREFIX_BYTES ? PREFIX_BYTES - received
                : PREFIX_BYTES + (answer.getShort(0, BIG_ENDIAN) & 0xffff) - received;
    }

    @Override
    public void onWritable(Stream s) {
    }

    @Override
    public void onEnd(Stream s) {
        end(ReturnCode.EOF);
    }

    @Override
    public void onClose(Stream s, int code) {
        report.closed(s);
        end(code < 0 ? code : ReturnCode.EOF);
    }
}
