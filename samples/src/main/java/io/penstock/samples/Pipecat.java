package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.loop.Timer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import io.penstock.pipes.StandardStream;
import org.agrona.DirectBuffer;

/** Listens, accepts one connection, and copies what it sends to standard output. */
public final class Pipecat implements StreamHandler {
    private static final int PIPE_BYTES = 1 << 20;
    private static final int SLAB_BYTES = 128 << 10;
    private static final int SLABS = 4;

    private final Report report;
    private final Progress progress;
    private final boolean splices;
    private final long limitBytesPerSecond;
    private final BufferPool pool = new BufferPool(SLABS, SLAB_BYTES);
    private final EventLoop loop;
    private final Listener listener;
    private final StandardStream out;
    private final Timer ticker;
    private final Timer limiter;
    private Stream source;
    private Relay relay;
    private boolean isOutOpen;
    private int failure;
    private long beganNs;

    private Pipecat(Arguments arguments) {
        report = new Report("pipecat", arguments);
        progress = Progress.of(arguments);
        limitBytesPerSecond = arguments.size("L", 0);
        splices = limitBytesPerSecond == 0;
        loop = new EventLoop(new LoopConfig().handles(8).timers(4).tasks(8)
                .metrics(Tools.region(arguments, "pipecat", Tools.FEW_BLOCKS)));
        listener = new Listener(loop, this, 1).name("socket");
        out = new StandardStream(loop, this, 1);
        ticker = new Timer(loop, timer -> tick());
        limiter = new Timer(loop, timer -> resumeSource());
        out.queue(pool);
    }

    /**
     * The program.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        Exit.with(() -> {
            Arguments arguments = new Arguments("pipecat", "[-U PATH | -l PORT] [-pterabnqfN...]")
                    .reports()
                    .value("U", "PATH", "listen on a Unix socket; default " + Tools.DEFAULT_PATH)
                    .value("l", "PORT", "listen on a TCP port, or ADDRESS:PORT");
            Progress.options(arguments).parse(args);
            if (arguments.operands().length > 0) {
                throw arguments.usage("takes no operand: " + arguments.operands()[0]);
            }
            return new Pipecat(arguments).run(arguments);
        });
    }

    private int run(Arguments arguments) {
        if (Launch.wasClosed(1)) {
            throw new Exit(Exit.FAILURE,
                    "pipecat: stdout: " + ReturnCode.describe(-Errno.EBADF));
        }
        Endpoint at = Tools.listening(arguments);
        Tools.require(loop.open(), "pipecat: loop");
        Tools.require(out.open(), "pipecat: stdout");
        Tools.listen(listener, at, "pipecat");
        int rc = loop.run();
        loop.close();
        progress.finish(relay == null ? 0 : relay.source.counter(StreamMetrics.READ_BYTES_OFFSET));
        if (failure == -Errno.EPIPE) {
            return report.print(Exit.SIGPIPE);
        }
        return report.print(rc < 0 || failure < 0 ? Exit.FAILURE : Exit.OK);
    }

    @Override
    public void onOpen(Stream stream) {
        if (stream == out) {
            isOutOpen = true;
            out.capacity(PIPE_BYTES);
        } else {
            source = stream;
            listener.close();
        }
        if (isOutOpen && source != null) {
            start();
        }
    }

    private void start() {
        beganNs = loop.nowNs();
        relay = new Relay((SocketStream) source, out);
        relay.start(splices);
        if (progress.intervalNs() > 0) {
            ticker.release();
            ticker.start(progress.intervalNs(), progress.intervalNs());
            progress.start();
        }
    }

    private void tick() {
        progress.show(source == null ? 0 : source.counter(StreamMetrics.READ_BYTES_OFFSET));
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        int n = relay.data(buffer, offset, length);
        if (n < 0) {
            fail(out, n);
        } else if (limitBytesPerSecond > 0) {
            limit();
        }
    }

    /** Waits until as many bytes as have come are due. */
    private void limit() {
        double due = source.counter(StreamMetrics.READ_BYTES_OFFSET) / (double) limitBytesPerSecond;
        long aheadNs = (long) (due * 1e9) - (loop.nowNs() - beganNs);
        if (aheadNs > 0) {
            source.pause();
            limiter.start(aheadNs);
        }
    }

    private void resumeSource() {
        if (out.queuedBytes() == 0 && !source.isEnded()) {
            source.resume();
        }
    }

    @Override
    public void onWritable(Stream stream) {
        if (relay != null && !limiter.isPending()) {
            resumeSource();
        }
    }

    @Override
    public void onEnd(Stream stream) {
        stream.close();
        out.close(Close.WHEN_DRAINED);
    }

    /** Ends; a reader or a peer that went away is no news to anybody. */
    private void fail(Stream stream, int code) {
        if (failure == 0 && stream == out && code != -Errno.EPIPE) {
            System.err.println("pipecat: stdout: " + ReturnCode.describe(code));
        }
        failure = failure < 0 ? failure : code;
        listener.close();
        out.close();
        if (source != null) {
            source.close();
        }
    }

    @Override
    public void onClose(Stream stream, int result) {
        report.closed(stream);
        if (result < 0 && result != ReturnCode.CLOSED) {
            fail(stream, result);
        }
        if (stream.isEnded() || result < 0) {
            limiter.cancel();
        }
        if (stream == out && relay != null && failure == 0) {
            report.copied(relay.source, out);
        }
    }
}
