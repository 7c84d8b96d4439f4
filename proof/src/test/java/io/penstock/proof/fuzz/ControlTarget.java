package io.penstock.proof.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.ControlMessages;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;

/**
 * Control messages of any bytes: the first octet of the input says how much is said to be there,
 * beside what is. Walking ends, and never leaves them; what was found can be laid out again, and
 * is found again.
 */
public final class ControlTarget {
    private static final int ROOM_BYTES = 512;
    private static final int LEVEL_OFFSET = 8;
    private static final int TYPE_OFFSET = 12;
    private static final NativeBuffer CAME = NativeBuffer.allocate(ROOM_BYTES);
    private static final NativeBuffer GOES = NativeBuffer.allocate(ROOM_BYTES);
    private static final ControlMessages IN = new ControlMessages(CAME);
    private static final ControlMessages OUT = new ControlMessages(GOES);

    private ControlTarget() {
    }

    /**
     * Called by Jazzer.
     *
     * @param input of its choice
     */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int length = Math.min(input.length - 1, ROOM_BYTES);
        CAME.setMemory(0, ROOM_BYTES, (byte) 0);
        CAME.putBytes(0, input, 1, length);
        long said = length + (long) input[0] * input[0] * input[0];
        int end = Math.clamp(said, 0, length);
        IN.wrap(0, length, said);
        OUT.begin(0, ROOM_BYTES);
        int found = 0;
        int last = 0;
        int rc;
        while ((rc = IN.next()) == 1) {
            assertTrue(IN.dataOffset() >= last + Linux.CMSGHDR_BYTES);
            last = IN.dataOffset() + IN.dataBytes();
            assertTrue(IN.dataBytes() >= 0 && last <= end);
            copy();
            found++;
        }
        assertTrue(rc == 0 || rc == -Errno.EBADMSG);
        assertEquals(rc, IN.next());
        findAgain(found);
    }

    private static void copy() {
        int header = IN.dataOffset() - Linux.CMSGHDR_BYTES;
        int level = CAME.getInt(header + LEVEL_OFFSET);
        int type = CAME.getInt(header + TYPE_OFFSET);
        assertTrue(IN.is(level, type, IN.dataBytes()));
        assertFalse(IN.is(level, type, IN.dataBytes() + 1));
        int data = OUT.add(level, type, IN.dataBytes());
        assertTrue(data > 0);
        GOES.putBytes(data, CAME, IN.dataOffset(), IN.dataBytes());
    }

    private static void findAgain(int found) {
        OUT.wrap(0, ROOM_BYTES, OUT.bytes());
        IN.wrap(0, ROOM_BYTES, ROOM_BYTES);
        for (int i = 0; i < found; i++) {
            assertEquals(1, OUT.next());
            assertEquals(1, IN.next());
            assertEquals(IN.dataBytes(), OUT.dataBytes());
            for (int at = 0; at < IN.dataBytes(); at++) {
                assertEquals(CAME.getByte(IN.dataOffset() + at),
                        GOES.getByte(OUT.dataOffset() + at));
            }
        }
        assertEquals(0, OUT.next());
    }
}
