package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.loop.Timer;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.net.Close;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import io.penstock.pipes.StandardStream;

/** What netcat does over any socket: its standard streams, its time-outs and its end. */
abstract class Conversation implements StreamHandler {
    static final int SLAB_BYTES = 128 << 10;
    static final int SLABS = 8;
    private static final int PIPE_BYTES = 1 << 20;
    private static final int HANDLES = 40; // 16 attempts to connect, with TLS over each, and more

    final NetcatOptions options;
    final Report report;
    final EventLoop loop;
    final BufferPool pool = new BufferPool(SLABS, SLAB_BYTES);
    final StandardStream in;
    final StandardStream out;
    final Timer interval;
    private final Timer idle;
    boolean isInputDone;
    int status;
    private int opening; // of in and out
    private boolean isWatched;
    private long moved;

    Conversation(Arguments arguments, NetcatOptions options) {
        this.options = options;
        report = new Report("netcat", arguments);
        loop = new EventLoop(new LoopConfig().handles(HANDLES).timers(4).tasks(8)
                .metrics(Tools.region(arguments, "netcat", Tools.FEW_BLOCKS)));
        in = new StandardStream(loop, this, 0);
        out = new StandardStream(loop, this, 1);
        interval = new Timer(loop, timer -> next());
        idle = new Timer(loop, timer -> timeOut());
        in.queue(pool);
        out.queue(pool);
    }

    /** Listens, or connects. */
    abstract void begin();

    /** Whether there is a socket to copy from and to, and copying has not begun. */
    abstract boolean canStart();

    /** Begins to copy. */
    abstract void start();

    /** Goes on after the rest that was asked for. */
    abstract void next();

    /** Nothing has moved for as long as was asked for. */
    abstract void timeOut();

    /** What has come from the peer. */
    abstract long receivedBytes();

    abstract void closeSocket();

    /** Checks the invariants of the copy, once all of its streams are closed. */
    abstract void reportCopies();

    final int run() {
        Tools.require(loop.open(), "netcat: loop");
        begin();
        openStandardStreams();
        startIfReady();
        if (!options.listens) {
            awaitProgress();
        }
        int rc = loop.run();
        if (rc < 0) {
            status = Exit.FAILURE;
        }
        if (status == Exit.OK && !options.keepsListening) {
            reportCopies();
        }
        loop.close();
        return report.print(status);
    }

    private void openStandardStreams() {
        if (options.ignoresInput || Launch.wasClosed(0)) {
            isInputDone = true;
        } else {
            Tools.require(in.open(), "netcat: stdin");
            opening++;
        }
        if (!Launch.wasClosed(1)) {
            Tools.require(out.open(), "netcat: stdout");
            opening++;
        }
    }

    @Override
    public void onOpen(Stream stream) {
        opening--;
        widen((StandardStream) stream);
        startIfReady();
    }

    private void widen(StandardStream stream) {
        int rc = stream.capacity(PIPE_BYTES);
        if (rc < 0 && rc != ReturnCode.NOT_SUPPORTED) {
            options.say("netcat: " + stream.name() + ": the pipe stays as wide as it is: "
                    + ReturnCode.describe(rc));
        }
    }

    final void startIfReady() {
        if (opening == 0 && canStart()) {
            start();
        }
    }

    /** Lets the time-out begin, if there is one. */
    final void awaitProgress() {
        if (options.waitNs > 0) {
            idle.start(options.waitNs);
        }
    }

    /** Puts off the time-out while bytes move. */
    final void watchProgress() {
        if (options.waitNs > 0 && !isWatched) {
            isWatched = true;
            loop.addCheck(this::noteProgress);
        }
    }

    private void noteProgress() {
        long now = in.counter(StreamMetrics.READ_BYTES_OFFSET) + receivedBytes();
        if (now != moved) {
            moved = now;
            idle.start(options.waitNs);
        }
    }

    /** Lets stdin go on, if there is more of it. */
    final void resumeInput() {
        if (in.isOpen() && !in.isEnded()) {
            in.resume();
        }
    }

    /** Closes what is open: the loop then ends by itself. */
    final void end(int with) {
        status = with;
        idle.cancel();
        interval.cancel();
        in.close();
        closeSocket();
        out.close(Close.WHEN_DRAINED);
    }

    /** A stream that failed; a reader or a peer that went away is no news to anybody. */
    final void lost(Stream stream, int code) {
        boolean isPipeBroken = stream == out && code == -Errno.EPIPE;
        boolean isNews = isNews(stream) && !isPipeBroken && status == Exit.OK;
        end(isPipeBroken ? Exit.SIGPIPE : status == Exit.OK ? Exit.FAILURE : status);
        tell(stream, code, isNews);
    }

    /** Says how a stream was lost, to those who want to know. */
    final void tell(Stream stream, int code, boolean isNews) {
        if (code < 0 && (isNews || options.isVerbose)) {
            System.err.println("netcat: " + stream.name() + ": " + explain(stream, code));
        }
    }

    /** Whether everybody wants to know that it was lost. */
    boolean isNews(Stream stream) {
        return isStandard(stream);
    }

    /** What a code of a stream means. */
    String explain(Stream stream, int code) {
        return ReturnCode.describe(code);
    }

    final boolean isStandard(Stream stream) {
        return stream == in || stream == out;
    }

    @Override
    public void onClose(Stream stream, int result) {
        report.closed(stream);
        if (result < 0 && result != ReturnCode.CLOSED) {
            lost(stream, result);
        }
    }
}
