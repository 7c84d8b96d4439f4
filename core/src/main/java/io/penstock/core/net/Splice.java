package io.penstock.core.net;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;

/**
 * Moves the bytes of one stream, the source, to another, the sink, within the kernel. A source has
 * one such object, made for its first sink and used for all of its sinks.
 *
 * <pre>
 *   source readable --&gt; move: bytes went ...................... again, up to a turn's budget
 *                             nothing went, the sink is full .. stalled: the source is not read
 *                             the end, or an error ............ of the source or of the sink
 *   sink writable   --&gt; has room: the source is read again
 * </pre>
 */
final class Splice {
    private static final int MOVES_A_TURN = 16;
    private static final int MOVE_BYTES = 1 << 20;

    private final DescriptorStream source;
    private DescriptorStream sink; // null for none
    private boolean isStalled; // the sink has no room

    Splice(DescriptorStream source) {
        this.source = source;
    }

    /** Whether the source's bytes go to a sink. */
    boolean isAimed() {
        return sink != null;
    }

    /** Whether the source waits for room in the sink. The user's pause is independent of this. */
    boolean isStalled() {
        return isStalled;
    }

    boolean isFrom(DescriptorStream stream) {
        return source == stream;
    }

    void aimAt(DescriptorStream next) {
        end();
        sink = next;
        sink.feed = this;
        source.updateOperations();
    }

    /**
     * Ends the splice: the source's bytes stay with the source. The former sink stops waiting for
     * room, or the loop would spin.
     */
    void end() {
        if (sink == null) {
            return;
        }
        DescriptorStream former = sink;
        sink = null;
        former.feed = null;
        if (isStalled) {
            isStalled = false;
            former.updateOperations();
        }
        source.updateOperations();
    }

    void sinkHasRoom() {
        isStalled = false;
        source.updateOperations();
    }

    /** The sink has closed: pauses the source. */
    void sinkClosed() {
        if (!source.isEnded()) {
            source.pause();
        }
        end();
    }

    /** Moves bytes: the source is readable. */
    void move() {
        for (int i = 0; i < MOVES_A_TURN; i++) {
            if (isStalled) {
                return;
            }
            if (!sink.isOpen()) {
                sinkClosed(); // closing may take turns, in which this would spin
                return;
            }
            if (sink.queuedBytes() > 0) {
                stall(); // bytes that the sink accepted earlier go first
                return;
            }
            long n = source.moveTo(
                    sink, MOVE_BYTES, Linux.SPLICE_F_MOVE | Linux.SPLICE_F_NONBLOCK);
            if (n == -Errno.EAGAIN) {
                if (i == 0) {
                    stall(); // the source was ready, so the sink is full
                }
                return;
            }
            if (n <= 0) {
                stopped((int) n);
                return;
            }
        }
    }

    private void stall() {
        isStalled = true;
        sink.waitForRoom();
        source.updateOperations();
    }

    private void stopped(int code) {
        if (code == 0) {
            source.ended();
        } else if (code == -Errno.EINVAL) {
            end(); // the kernel cannot splice these two: bytes go to onData
        } else if (code == -Errno.EPIPE || source.isPipe() && !sink.isPipe()) {
            sink.fail(code);
        } else {
            source.fail(code);
        }
    }
}
