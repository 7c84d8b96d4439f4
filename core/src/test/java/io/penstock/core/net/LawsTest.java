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
 * Section 7's laws, and the order of calls, over random schedules of reads, writes, pauses, closes
 * and faults; what a schedule does follows from its seed alone, and the kernel's timing.
 */
class LawsTest {
    private static final AtomicLong BYTES = new AtomicLong();
    private static final AtomicLong CLEAN = new AtomicLong();
    private static final AtomicLong FAILED = new AtomicLong();

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void bytesArriveUnalteredAndTheLawsHold(
            @ForAll long seed, @ForAll boolean isUnix, @ForAll Faults faults) {
        Posix.system().getpid();
        int before = Descriptors.open();
        // Closed also when it failed: it leaves nothing to the next try.
        RandomCopies copies = new RandomCopies(seed, isUnix, faults);
        try (copies) {
            copies.run();
        }
        Descriptors.assertOpen(before);
        BYTES.addAndGet(copies.bytes());
        CLEAN.addAndGet(copies.clean());
        FAILED.addAndGet(copies.failed());
    }

    /** A test that looks at too little is one that cannot fail. */
    @AfterContainer
    static void itSawEnough() {
        assertTrue(BYTES.get() > 20 << 20, BYTES + " bytes came back");
        assertTrue(CLEAN.get() > 100, CLEAN + " copies from beginning to end");
        assertTrue(FAILED.get() > 20, FAILED + " streams failed");
    }
}
