package io.penstock.core.net;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;

/**
 * What a stream gives to another within the kernel: one object for each source, made when it is
 * first aimed at a sink, and used for all of its sinks.
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

    /** Whether they wait for room there: the user's own pause is another thing. */
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

    /** The source keeps its bytes from now on. Nobody waits for room any more, or would spin. */
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

    /** The source has nowhere to go on to. */
    void sinkClosed() {
        if (!source.isEnded()) {
            source.pause();
        }
        end();
    }

    /** The source is readable. */
    void move() {
        for (int i = 0; i < MOVES_A_TURN; i++) {
            if (isStalled) {
                return;
            }
            if (!sink.isOpen()) {
                sinkClosed(); // its closing may take turns, in which this would spin
                return;
            }
            if (sink.queuedBytes() > 0) {
                stall(); // what it accepted before goes first
                return;
            }
            long n = source.moveTo(
                    sink, MOVE_BYTES, Linux.SPLICE_F_MOVE | Linux.SPLICE_F_NONBLOCK);
            if (n == -Errno.EAGAIN) {
                if (i == 0) {
                    stall(); // the source was ready and yet nothing moved, not even an end
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
            end(); // the kernel cannot, when it comes to it: the bytes come to onData
        } else if (code == -Errno.EPIPE || source.isPipe() && !sink.isPipe()) {
            sink.fail(code);
        } else {
            source.fail(code);
        }
    }
}
