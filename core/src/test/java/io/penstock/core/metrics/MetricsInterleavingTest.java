package io.penstock.core.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.agrona.concurrent.AtomicBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
* Interleavings that races find only by luck: between any two loads of a reader, something happens
 * to the blocks. No step changes a total, so every total that is read must be the same.
 */
class MetricsInterleavingTest {
    private static final int BLOCKS = 5;
    private static final int LIVE = 3;
    private static final long TOTAL = 111;

    private final MetricsRegion region = new MetricsRegion(BLOCKS, 256);
    private final int type = region.register(MetricsRegionTest.TYPE);
    private final int aggregate = region.claimAggregate(type, "all");
    private final int[] live = new int[LIVE];
    private final MetricsReader reader = new MetricsReader();
    private final long[] totals = new long[3];
    private long loads;
    private int passes;
    private long fireAt;
    private Runnable event;

    @BeforeEach
    void claim() {
        claimAll();
    }

    @Test
    void closing() {
        assertEquals(0, inEveryPlace(() -> region.close(live[1])),
                "closes alone never make a reader begin anew");
    }

    @Test
    void closingAll() {
        assertEquals(0, inEveryPlace(this::closeAll));
    }

    @Test
    void closingAndClaimingAgain() {
        inEveryPlace(() -> {
            closeAll();
            claimAll();
        });
    }

    @Test
    void closingAndClaimingAndClosingAgain() {
        inEveryPlace(() -> {
            closeAll();
            claimAll();
            closeAll();
        });
    }

    @Test
    void endlessReuseIsACode() {
        fireAt = Long.MAX_VALUE;
        assertEquals(0, reader.wrap(hooked()));
        fill();
        fireAt = -1; // fire at every load
        event = () -> {
            closeAll();
            claimAll();
        };
        assertEquals(ReturnCode.BLOCK_CHANGED, reader.total(type, NO_AGGREGATE, totals));
        assertEquals(ReturnCode.BLOCK_CHANGED, reader.read(live[0]));
    }

    /** How often the reader had to begin again. */
    private int inEveryPlace(Runnable what) {
        event = what;
        fireAt = Long.MAX_VALUE;
        assertEquals(0, reader.wrap(hooked()));
        long quiet = loadsOfATotal();
        assertTrue(quiet > BLOCKS * 4, quiet + " loads");
        int again = 0;
        for (long place = 1; place <= quiet; place++) {
            fireAt = place;
            passes = 0;
            loadsOfATotal();
            again += passes > 1 ? 1 : 0;
        }
        return again;
    }

    private long loadsOfATotal() {
        fill();
        loads = 0;
        int rc = reader.total(type, aggregate, totals);
        long made = loads;
        assertTrue(rc >= 0, () -> "event at " + fireAt + ": " + ReturnCode.describe(rc));
        assertEquals(TOTAL, totals[0], () -> "event at " + fireAt);
        return made;
    }

    /** Live blocks of 1, 10 and 100 and an empty aggregate: a wrong sum shows which is wrong. */
    private void fill() {
        closeAll();
        region.buffer().putLong(region.countersOffset(aggregate), 0);
        claimAll();
        long value = 1;
        for (int block : live) {
            region.buffer().putLong(region.countersOffset(block), value);
            value *= 10;
        }
    }

    private void claimAll() {
        for (int i = 0; i < LIVE; i++) {
            live[i] = region.claim(type, "x", aggregate);
        }
    }

    private void closeAll() {
        for (int block : live) {
            region.close(block);
        }
    }

    private AtomicBuffer hooked() {
        AtomicBuffer real = region.buffer();
        return (AtomicBuffer) Proxy.newProxyInstance(AtomicBuffer.class.getClassLoader(),
                new Class<?>[] {AtomicBuffer.class}, (proxy, method, args) -> {
                    loads++;
                    if (method.getName().equals("getLongAcquire")
                            && args[0].equals(MetricsRegion.LAST_FOLD_OFFSET)) {
                        passes++; // each pass begins with this load
                    }
                    if (loads == fireAt || fireAt < 0) {
                        event.run();
                    }
                    try {
                        return method.invoke(real, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
