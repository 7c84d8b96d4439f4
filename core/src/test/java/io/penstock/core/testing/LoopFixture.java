package io.penstock.core.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Posix;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A loop over a kernel that can fail, bytes to send, and the check that descriptors come back. */
public abstract class LoopFixture {
    /** How long a turn waits. */
    public static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(10);

    /** The loop's kernel. */
    public final FaultyPosix posix = new FaultyPosix();
    /** One that does not fail. */
    public final Posix system = Posix.system();
    /** Where something listens. */
    public final Endpoint at = new Endpoint();
    /** Something to send. */
    public final NativeBuffer bytes;
    /** The loop, open. */
    public EventLoop loop;
    private final int handles;
    private int descriptors;

    protected LoopFixture(int handles, int bytes) {
        this.handles = handles;
        this.bytes = NativeBuffer.allocate(bytes);
    }

    /** Before each test. */
    @BeforeEach
    public final void openLoop() {
        system.getpid(); // what is opened once for good is open before the count
        descriptors = Descriptors.open();
        loop = new EventLoop(new LoopConfig().handles(handles).posix(posix));
        assertEquals(0, loop.open());
        for (int i = 0; i < bytes.capacity(); i++) {
            bytes.putByte(i, (byte) (i * 31 >>> 3));
        }
    }

    /** After each test. */
    @AfterEach
    public final void everythingIsGivenBack() {
        posix.heal();
        beforeClosing();
        loop.close();
        afterClosing();
        Descriptors.assertOpen(descriptors);
    }

    /** The last turn of the loop is over. */
    protected void beforeClosing() {
    }

    /** The loop is closed: everything it had should be back. */
    protected void afterClosing() {
    }

    /** Turns until something has happened, which it must. */
    public final void turnUntil(BooleanSupplier done) {
        for (int i = 0; i < 1_000 && !done.getAsBoolean(); i++) {
            assertTrue(loop.runOnce(STEP_NS) >= 0);
        }
        assertTrue(done.getAsBoolean(), "did not happen");
    }

    /** Turns so often, without waiting. */
    public final void turns(int n) {
        for (int i = 0; i < n; i++) {
            assertTrue(loop.runOnce(0) >= 0);
        }
    }
}
