package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.BufferPool;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/** The README's echo server. */
public final class Echo implements StreamHandler {
    private static final int CONNECTIONS = 10_000;
    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(60); // no place for ever
    private static final long CLOSE_NS = TimeUnit.SECONDS.toNanos(10);

    @Override
    public void onOpen(Stream s) {
        s.resume();
    }

    @Override
    public void onData(Stream s, DirectBuffer b, int offset, int length) {
        int n = s.write(b, offset, length); // a queue is attached: all, or a code
        if (n < 0) {
            s.close();
        } else if (s.queuedBytes() > 0) {
            s.pause();
        }
    }

    @Override
    public void onWritable(Stream s) {
        s.resume();
    }

    @Override
    public void onEnd(Stream s) {
        s.shutdown();
        s.close(Close.WHEN_DRAINED);
    }

    @Override
    public void onClose(Stream s, int result) {
    }

    /**
     * The program.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        Exit.with(() -> {
            Arguments arguments = new Arguments("echo", "[ADDRESS:PORT], or 127.0.0.1:7000")
                    .metrics().parse(args);
            String[] operands = arguments.operands();
            if (operands.length > 1) {
                throw arguments.usage("takes one address: " + operands[1]);
            }
            return run(arguments, operands.length > 0 ? operands[0] : "127.0.0.1:7000");
        });
    }

    private static int run(Arguments arguments, String address) {
        MetricsRegion region = Tools.region(arguments, "echo", CONNECTIONS + Tools.FEW_BLOCKS);
        EventLoop loop =
                new EventLoop(new LoopConfig().handles(CONNECTIONS + 1).metrics(region));
        Listener listener = new Listener(loop, new Echo(), CONNECTIONS)
                .queue(new BufferPool(1_000, 64 << 10))
                .deadlines(IDLE_NS, CLOSE_NS);
        Endpoint at = new Endpoint();
        int rc = loop.open();
        if (rc >= 0) {
            rc = at.parse(address);
        }
        if (rc >= 0) {
            rc = listener.listen(at, 4096);
        }
        if (rc >= 0) {
            rc = loop.run();
        }
        if (rc < 0) {
            throw new Exit(Exit.FAILURE, "echo: " + address + ": " + ReturnCode.describe(rc));
        }
        return Exit.OK;
    }
}
