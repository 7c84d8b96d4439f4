package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.net.RandomCopies.Faults;
import io.penstock.core.sys.Posix;
import io.penstock.core.testing.Descriptors;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * The invariants of section 7, and the order of callbacks, over random schedules of reads, writes,
 * pauses, closes and faults. A schedule follows from its seed and from the kernel's timing.
 */
class InvariantsTest {
    private static final AtomicLong BYTES = new AtomicLong();
    private static final AtomicLong CLEAN = new AtomicLong();
    private static final AtomicLong FAILED = new AtomicLong();

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void bytesArriveUnalteredAndTheInvariantsHold(
            @ForAll long seed, @ForAll boolean isUnix, @ForAll Faults faults) {
        Posix.system().getpid();
        int before = Descriptors.open();
        // Also closed after a failure, so that the next try starts clean.
        RandomCopies copies = new RandomCopies(seed, isUnix, faults);
        try (copies) {
            copies.run();
        }
        Descriptors.assertOpen(before);
        BYTES.addAndGet(copies.bytes());
        CLEAN.addAndGet(copies.clean());
        FAILED.addAndGet(copies.failed());
    }

    /** A test that sees too little cannot fail. */
    @AfterContainer
    static void everyEventWasSeen() {
        assertTrue(BYTES.get() > 20 << 20, BYTES + " bytes came back");
        assertTrue(CLEAN.get() > 100, CLEAN + " copies from beginning to end");
        assertTrue(FAILED.get() > 20, FAILED + " streams failed");
    }
}
