package io.penstock.core.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.MetricsType;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.util.List;
import org.agrona.DirectBuffer;

/** A handle over an eventfd, which records each callback and then runs a hook. */
final class Probe extends Handle {
    static final MetricsType TYPE = MetricsType.named("probe").counter("calls", "{call}").build();
    private static final Runnable NOTHING = () -> { };

    private final NativeBuffer word = NativeBuffer.allocate(Long.BYTES);
    private final Posix system = Posix.system();
    private final List<String> calls;
    Runnable onReady = NOTHING;
    Runnable onRun = NOTHING;
    Runnable onClosed = NOTHING;
    int closed;
    int code = 1;

    Probe(EventLoop loop, String name, List<String> calls) {
        super(loop, TYPE, name);
        this.calls = calls;
    }

    /** Opens the handle, and waits until the eventfd is readable. */
    int open() {
        int fd = system.eventfd2(0, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
        int rc = attach(fd, true);
        if (rc < 0) {
            system.close(fd);
        } else {
            setOperations(READABLE);
        }
        return rc;
    }

    /** Waits for other operations. */
    void await(int mask) {
        setOperations(mask);
    }

    /** Makes the eventfd readable. */
    void signal() {
        word.putLong(0, 1);
        assertEquals(Long.BYTES,
                system.write(attachedDescriptor(), word.addressOffset(), Long.BYTES));
    }

    void addToReadyList() {
        makeReady();
    }

    void addTo(int field, long n) {
        add(field, n);
    }

    void recordMaxOf(int field, long value) {
        recordMax(field, value);
    }

    int close(int code) {
        return startClose(code);
    }

    @Override
    protected void onCompletion(int operation, int result, DirectBuffer buffer, int offset) {
        calls.add(name() + " ready");
        system.read(attachedDescriptor(), word.addressOffset(), Long.BYTES);
        onReady.run();
    }

    @Override
    protected void onRun() {
        calls.add(name() + " run");
        onRun.run();
    }

    @Override
    protected void onClosed(int code) {
        calls.add(name() + " closed");
        closed++;
        this.code = code;
        system.close(attachedDescriptor());
    }

    @Override
    protected void callOnClose(int code) {
        onClosed.run();
    }
}
