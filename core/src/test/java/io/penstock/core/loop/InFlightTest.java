package io.penstock.core.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.testing.Descriptors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A handle is closing until none of its operations is in flight. */
class InFlightTest {
    private final List<String> calls = new ArrayList<>();
    private final EventLoop loop = new EventLoop(HeldOperations.in(
            new LoopConfig().handles(1), new Random() {
                @Override
                public int nextInt(int bound) {
                    return bound - 1; // two operations of each, for the most turns
                }
            }));

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void closingWaitsForTheLastOperation() {
        Probe probe = waiting();
        assertEquals(0, probe.close(-5));
        assertEquals(ReturnCode.CLOSED, probe.close(-6));

        assertTrue(turnsUntilClosed(probe) > 1);
        assertEquals(-5, probe.code);
        loop.runOnce(0);
        assertEquals(1, probe.closed);
    }

    @Test
    void aClosingHandleKeepsItsSlot() {
        Probe probe = waiting();
        probe.close(0);
        loop.runOnce(0);

        assertEquals(ReturnCode.HANDLES_EXHAUSTED, new Probe(loop, "next", calls).open());
        turnsUntilClosed(probe);
        assertEquals(0, new Probe(loop, "next", calls).open());
    }

    @Test
    void noCallbackRunsMeanwhile() {
        Probe probe = waiting();
        long token = probe.token();
        probe.close(0);
        probe.signal();
        turnsUntilClosed(probe);

        assertEquals(List.of("probe closed"), calls);
        assertNull(loop.handle(token));
    }

    @Test
    void theLoopRunsUntilTheHandleHasClosed() {
        Probe probe = waiting();
        probe.close(0);

        assertEquals(0, loop.run());
        assertEquals(1, probe.closed);
    }

    @Test
    void aClosingLoopWaitsForOperationsInFlight() {
        int before = Descriptors.open();
        try (EventLoop other = new EventLoop(
                HeldOperations.in(new LoopConfig().handles(3), new Random(1)))) {
            assertEquals(0, other.open());
            for (int i = 0; i < 3; i++) {
                assertEquals(0, new Probe(other, "" + i, calls).open());
            }
            other.runOnce(0);
        }
        assertEquals(3, calls.size());
        Descriptors.assertOpen(before);
    }

    /** Two handles close in any order, each once and completely. */
    @Property(tries = 200)
    void eachHandleClosesOnceInAnyOrder(@ForAll long seed) {
        Random random = new Random(seed);
        List<String> told = new ArrayList<>();
        try (EventLoop any = new EventLoop(
                HeldOperations.in(new LoopConfig().handles(8), random))) {
            assertEquals(0, any.open());
            Probe[] probes = new Probe[8];
            for (int i = 0; i < 8; i++) {
                probes[i] = new Probe(any, "" + i, told);
                assertEquals(0, probes[i].open());
            }
            any.runOnce(0);
            for (Probe probe : probes) {
                if (random.nextBoolean()) {
                    assertEquals(0, probe.close(0));
                }
            }
            for (int turn = 0; turn < 8; turn++) {
                any.runOnce(0);
            }
            for (Probe probe : probes) {
                assertEquals(probe.isOpen() ? 0 : 1, probe.closed);
                assertEquals(probe.isOpen(), any.handle(probe.token()) != null);
            }
        }
        assertEquals(8, told.size());
    }

    private Probe waiting() {
        if (loop.open() < 0) {
            throw new AssertionError("the loop does not open");
        }
        Probe probe = new Probe(loop, "probe", calls);
        assertEquals(0, probe.open());
        loop.runOnce(0);
        assertNotNull(loop.handle(probe.token()));
        return probe;
    }

    private int turnsUntilClosed(Probe probe) {
        int turns = 0;
        while (probe.closed == 0) {
            assertFalse(turns++ > 20, "it never closes");
            loop.runOnce(0);
        }
        return turns;
    }
}
