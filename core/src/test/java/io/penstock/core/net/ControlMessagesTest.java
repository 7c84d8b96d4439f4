package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.testing.Allocation;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Control messages, well formed and not. */
class ControlMessagesTest {
    private static final int AT = 24;
    private static final int ROOM = 96;
    private static final int LEVEL = 7;

    private final NativeBuffer memory = NativeBuffer.allocate(AT + ROOM);
    private final ControlMessages messages = new ControlMessages(memory);

    @Test
    void laidOutMessagesAreFound() {
        messages.begin(AT, ROOM);
        assertEquals(AT + 16, messages.add(LEVEL, 1, 12));
        assertEquals(32, messages.bytes());
        assertEquals(AT + 48, messages.add(LEVEL, 2, 0));
        assertEquals(AT + 64, messages.add(-1, Integer.MIN_VALUE, 1));
        assertEquals(72, messages.bytes());
        messages.wrap(AT, ROOM, messages.bytes());
        assertFalse(messages.is(LEVEL, 1, 0), "not before the first is asked for");
        assertEquals(1, messages.next());
        assertTrue(messages.is(LEVEL, 1, 12));
        assertFalse(messages.is(LEVEL, 2, 12));
        assertFalse(messages.is(LEVEL + 1, 1, 12));
        assertFalse(messages.is(LEVEL, 1, 13), "it has less data");
        assertEquals(12, messages.dataBytes());
        assertEquals(AT + 16, messages.dataOffset());
        assertEquals(1, messages.next());
        assertTrue(messages.is(LEVEL, 2, 0));
        assertEquals(1, messages.next());
        assertTrue(messages.is(-1, Integer.MIN_VALUE, 1));
        assertEquals(0, messages.next());
        assertFalse(messages.is(-1, Integer.MIN_VALUE, 0), "there is none");
        assertEquals(0, messages.next());
    }

    @Test
    void aMessageWithoutRoomIsNotLaidOut() {
        messages.begin(AT, ROOM);
        assertEquals(AT + 16, messages.add(LEVEL, 1, 48));
        assertEquals(ReturnCode.MESSAGE_TOO_LONG, messages.add(LEVEL, 2, 17));
        assertEquals(ReturnCode.MESSAGE_TOO_LONG, messages.add(LEVEL, 2, Integer.MAX_VALUE));
        assertEquals(ReturnCode.BAD_ARGUMENT, messages.add(LEVEL, 2, -1));
        assertEquals(64, messages.bytes());
        assertEquals(AT + 80, messages.add(LEVEL, 3, 16));
        assertEquals(ROOM, messages.bytes());
        assertEquals(ReturnCode.MESSAGE_TOO_LONG, messages.add(LEVEL, 4, 0));
        messages.wrap(AT, ROOM, ROOM);
        assertEquals(1, messages.next());
        assertEquals(1, messages.next());
        assertTrue(messages.is(LEVEL, 3, 16), "nothing of the others");
        assertEquals(0, messages.next());
    }

    /**
     * The length of the second message: beyond the room, beyond the received length, or too short
     * to go on.
     */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 15, -1, 25, 64, 65, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 32,
        (1L << 32) + 16, Long.MAX_VALUE, Long.MIN_VALUE})
    void impossibleLengthsAreRefused(long length) {
        messages.begin(AT, ROOM);
        messages.add(LEVEL, 1, 8);
        memory.putLong(messages.add(LEVEL, 2, 8) - Linux.CMSGHDR_BYTES, length);
        messages.wrap(AT, ROOM, messages.bytes());
        assertEquals(1, messages.next());
        for (int i = 0; i < 3; i++) {
            assertEquals(-Errno.EBADMSG, messages.next());
            assertFalse(messages.is(LEVEL, 2, 0));
            assertTrue(messages.dataBytes() < 0);
        }
    }

    /** Two messages of 24 bytes each, and a received length that may be shorter. */
    @ParameterizedTest
    @CsvSource({"0, 0, 0", "-1, 0, 0", "-9223372036854775808, 0, 0", "15, 0, 1", "23, 0, 1",
        "24, 1, 0", "25, 1, 1", "47, 1, 1", "48, 2, 0"})
    void theReceivedLengthLimitsTheWalk(long said, int found, int isBad) {
        messages.begin(AT, ROOM);
        messages.add(LEVEL, 1, 8);
        messages.add(LEVEL, 2, 8);
        messages.wrap(AT, ROOM, said);
        for (int i = 0; i < found; i++) {
            assertEquals(1, messages.next());
        }
        assertEquals(isBad * -Errno.EBADMSG, messages.next());
    }

    /** A received length beyond the room counts as the room. */
    @ParameterizedTest
    @ValueSource(longs = {ROOM, ROOM + 1, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE})
    void theRoomLimitsTheWalk(long said) {
        messages.begin(AT, ROOM);
        messages.add(LEVEL, 1, ROOM - Linux.CMSGHDR_BYTES);
        messages.wrap(AT, ROOM, said);
        assertEquals(1, messages.next());
        assertEquals(ROOM - Linux.CMSGHDR_BYTES, messages.dataBytes());
        assertEquals(0, messages.next());
        messages.wrap(AT, ROOM - 8, said);
        assertEquals(-Errno.EBADMSG, messages.next());
    }

    @Test
    void roomBeyondTheMemoryThrows() {
        assertThrows(IndexOutOfBoundsException.class, () -> messages.wrap(AT, ROOM + 1, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> messages.begin(-8, ROOM));
    }

    @Property(tries = 2_000)
    void anythingIsWalkedOverToItsEnd(
            @ForAll @Size(max = ROOM / 8) List<@IntRange(min = -3, max = 60) Integer> words,
            @ForAll @IntRange(min = -8, max = ROOM + 8) int said) {
        for (int i = 0; i < words.size(); i++) {
            memory.putLong(AT + i * Long.BYTES, words.get(i));
        }
        messages.wrap(AT, ROOM, said);
        int last = AT;
        int found = 0;
        int rc;
        while ((rc = messages.next()) == 1) {
            assertTrue(messages.dataOffset() >= last + Linux.CMSGHDR_BYTES);
            last = messages.dataOffset() + messages.dataBytes();
            assertTrue(messages.dataBytes() >= 0 && last <= AT + Math.min(said, ROOM));
            found++;
        }
        assertTrue(found <= ROOM / Linux.CMSGHDR_BYTES);
        assertTrue(rc == 0 || rc == -Errno.EBADMSG);
    }

    @Test
    @Tag("allocation")
    void allocatesNothing() {
        Allocation.assertNone("control messages", 4_000, 2_000, () -> {
            messages.begin(AT, ROOM);
            messages.add(LEVEL, 1, 12);
            messages.add(LEVEL, 2, 4);
            messages.wrap(AT, ROOM, messages.bytes());
            while (messages.next() > 0) {
                messages.is(LEVEL, 2, 4);
            }
        });
    }
}
