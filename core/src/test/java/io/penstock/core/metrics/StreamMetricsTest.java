package io.penstock.core.metrics;

import static io.penstock.core.metrics.StreamMetrics.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.testing.Allocation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class StreamMetricsTest {
    private static final int SINK = 128;

    private final NativeBuffer words = NativeBuffer.allocate(256);
    private final StringBuilder broken = new StringBuilder();

    @Test
    void aHandleAtRestBreaksNothing() {
        atRest();
        assertEquals(0, brokenInvariants(words, 0, broken), broken::toString);
        assertEquals("", broken.toString());
    }

    @Test
    void aHandleWithoutAQueueAllocatesNothing() {
        atRest();
        words.putLong(ALLOC_OFFSET, 0);
        words.putLong(FREE_OFFSET, 0);
        assertEquals(0, brokenInvariants(words, 0, broken), broken::toString);
    }

    @Test
    void aHandleThatNeverEndedMayRestPaused() {
        atRest();
        words.putLong(END_OFFSET, 0);
        words.putLong(PAUSE_OFFSET, 4);
        assertEquals(0, brokenInvariants(words, 0, broken), broken::toString);
    }

    @Test
    void eachInvariantCanBeBroken() {
        assertBroken(WRITES_OFFSET, 9, "writes == full + incomplete + eagain is broken: 9 != 10\n");
        assertBroken(PAUSE_OFFSET, 4, "pause == resume - 1 is broken: 4 != 3\n");
        assertBroken(END_OFFSET, 2, "end == 1 is broken: 2 != 1\n");
        assertBroken(ERROR_OFFSET, 1, "error == 0 is broken: 1 != 0\n");
        assertBroken(CLOSE_OFFSET, 0, "close == 1 is broken: 0 != 1\n");
        assertBroken(FREE_OFFSET, 4, "alloc == free is broken: 5 != 4\n");
        atRest();
        words.putLong(ALLOC_OFFSET, 4);
        words.putLong(FREE_OFFSET, 4);
        assertEquals(1, brokenInvariants(words, 0, broken));
        assertEquals("alloc == incomplete + eagain is broken: 4 != 5\n", broken.toString());
    }

    @Test
    void aCopyHasItsOwnInvariants() {
        words.putLong(DATA_OFFSET, 10);
        words.putLong(READ_BYTES_OFFSET, 1000);
        words.putLong(SINK + WRITES_OFFSET, 10);
        words.putLong(SINK + WRITTEN_BYTES_OFFSET, 1000);
        assertEquals(0, brokenCopyInvariants(words, 0, words, SINK, broken));
        words.putLong(SINK + WRITES_OFFSET, 9);
        words.putLong(SINK + WRITTEN_BYTES_OFFSET, 999);
        assertEquals(2, brokenCopyInvariants(words, 0, words, SINK, broken));
        assertEquals("sink.writes == source.data is broken: 9 != 10\n"
                + "sink.written_bytes == source.read_bytes is broken: 999 != 1000\n",
                broken.toString());
    }

    @Test
    @Tag("allocation")
    void allocatesNothing() {
        atRest();
        Allocation.assertNone("invariants", 20_000, 10_000, () -> {
            brokenInvariants(words, 0, broken);
            brokenCopyInvariants(words, SINK, words, SINK, broken);
        });
    }

    private void assertBroken(int offset, long value, String line) {
        atRest();
        words.putLong(offset, value);
        assertEquals(1, brokenInvariants(words, 0, broken));
        assertEquals(line, broken.toString());
    }

    private void atRest() {
        broken.setLength(0);
        words.putLong(RESUME_OFFSET, 4);
        words.putLong(PAUSE_OFFSET, 3);
        words.putLong(END_OFFSET, 1);
        words.putLong(WRITES_OFFSET, 10);
        words.putLong(FULL_OFFSET, 5);
        words.putLong(INCOMPLETE_OFFSET, 3);
        words.putLong(EAGAIN_OFFSET, 2);
        words.putLong(ALLOC_OFFSET, 5);
        words.putLong(FREE_OFFSET, 5);
        words.putLong(ERROR_OFFSET, 0);
        words.putLong(CLOSE_OFFSET, 1);
    }
}
