package io.penstock.samples;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.Timer;
import io.penstock.core.net.Close;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.dns.wire.Message;
import org.agrona.DirectBuffer;

/**
 * Questions over TCP, each behind its length (RFC 7766): answered in the order in which they come.
 * Who does not read its answers is not read either, and closed when it has been idle; a byte of a
 * question now and then does not count.
 */
final class AnswerConnections implements StreamHandler {
    private static final int PREFIX_BYTES = 2;
    private static final int QUESTION_BYTES = PREFIX_BYTES + 4096; // longer ones are nobody's
    private static final long SWEEP_NS = 5_000_000_000L;
    private static final int IDLE_SWEEPS = 3;

    private final Responder responder;
    private final Report report;
    private final Timer sweep;
    private final NativeBuffer parts; // of each connection, what came and is not answered
    private final int[] lengths;
    private final int[] idle; // sweeps since a question was whole
    private final Stream[] streams;
    private final NativeBuffer out = NativeBuffer.allocate(
            PREFIX_BYTES + Message.MAX_BYTES + Responder.SLACK_BYTES);

    AnswerConnections(EventLoop loop, Responder responder, Report report, int connections) {
        this.responder = responder;
        this.report = report;
        int handles = connections + 4;
        parts = NativeBuffer.allocate(handles * QUESTION_BYTES);
        lengths = new int[handles];
        idle = new int[handles];
        streams = new Stream[handles];
        sweep = new Timer(loop, timer -> sweep());
    }

    void start() {
        sweep.start(SWEEP_NS, SWEEP_NS);
    }

    @Override
    public void onOpen(Stream s) {
        lengths[s.index()] = 0;
        idle[s.index()] = 0;
        streams[s.index()] = s;
        s.resume();
    }

    @Override
    public void onData(Stream s, DirectBuffer buffer, int offset, int length) {
        int index = s.index();
        int at = offset;
        int end = offset + length;
        while (at < end && s.isOpen()) {
            int n = Math.min(QUESTION_BYTES - lengths[index], end - at);
            parts.putBytes(index * QUESTION_BYTES + lengths[index], buffer, at, n);
            lengths[index] += n;
            at += n;
            answer(s, at < end);
        }
        if (s.isOpen() && s.queuedBytes() > 0) {
            s.pause(); // who does not read is not read
        }
    }

    /** Answers what is whole; while answers wait to be sent, only what there is no room for. */
    private void answer(Stream s, boolean isPressed) {
        int index = s.index();
        int part = index * QUESTION_BYTES;
        int have = lengths[index];
        int begin = 0;
        while (have - begin >= PREFIX_BYTES && s.isOpen()
                && (isPressed || s.queuedBytes() == 0)) {
            int length = parts.getShort(part + begin, BIG_ENDIAN) & 0xffff;
            if (PREFIX_BYTES + length > QUESTION_BYTES) {
                s.close();
            } else if (have - begin < PREFIX_BYTES + length) {
                break;
            } else {
                idle[index] = 0;
                answer(s, part + begin, length);
                begin += PREFIX_BYTES + length;
            }
        }
        lengths[index] = have - begin;
        parts.putBytes(part, parts, part + begin, have - begin);
    }

    private void answer(Stream s, int question, int length) {
        out.putBytes(PREFIX_BYTES, parts, question + PREFIX_BYTES, length);
        int n = responder.answer(out, PREFIX_BYTES, length, false, Message.MAX_BYTES);
        out.putShort(0, (short) n, BIG_ENDIAN);
        if (n == 0 || s.write(out, 0, PREFIX_BYTES + n) < 0) {
            s.close();
        }
    }

    private void sweep() {
        for (int i = 0; i < streams.length; i++) {
            if (streams[i] != null && ++idle[i] > IDLE_SWEEPS) {
                streams[i].close();
            }
        }
    }

    @Override
    public void onWritable(Stream s) {
        answer(s, false);
        if (s.isOpen() && s.queuedBytes() == 0) {
            s.resume();
        }
    }

    @Override
    public void onEnd(Stream s) {
        s.shutdown();
        s.close(Close.WHEN_DRAINED);
    }

    @Override
    public void onClose(Stream s, int result) {
        streams[s.index()] = null;
        report.closed(s);
    }
}
