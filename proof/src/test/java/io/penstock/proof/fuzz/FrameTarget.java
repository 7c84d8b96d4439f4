package io.penstock.proof.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Stream;
import io.penstock.link.FrameHandler;
import io.penstock.link.FrameReader;
import io.penstock.link.FrameWriter;
import io.penstock.pipes.PipeStream;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Bytes that are made of frames and of anything else, cut into pieces of any size. The input is a
 * script: an octet says what comes next and how long it is. Every byte is handed on or reported,
 * and the pieces make no difference.
 */
public final class FrameTarget implements FrameHandler {
    private static final int HEADER_BYTES = 16;
    private static final int MAX_PAYLOAD_BYTES = 48;
    private static final int MAX_DATA_BYTES = 64;
    private static final int MAX_BYTES = 1 << 16;
    private static final PipeStream SOURCE = new PipeStream(); // open and resumed: all it is for
    private static final PipeStream SINK = new PipeStream();
    private static final NativeBuffer ALL = NativeBuffer.allocate(MAX_BYTES);
    private static final NativeBuffer PIECE = NativeBuffer.allocate(MAX_BYTES);

    static {
        assertEquals(0, PipeStream.open(SOURCE, SINK));
        assertEquals(0, SOURCE.resume());
    }

    private final List<String> frames = new ArrayList<>();
    private long bytes;
    private boolean pauses;

    private FrameTarget() {
    }

    /**
     * Called by Jazzer.
     *
     * @param input of its choice
     */
    public static void fuzzerTestOneInput(byte[] input) {
        int length = bytes(input);
        FrameTarget inOne = new FrameTarget();
        inOne.read(length, MAX_DATA_BYTES, 1);
        FrameTarget inPieces = new FrameTarget();
        inPieces.pauses = input.length % 2 == 1;
        inPieces.read(length, input.length == 0 ? 1 : 1 + (input[0] & 0x7f), 3);
        assertEquals(length, inOne.bytes);
        assertEquals(length, inPieces.bytes);
        assertEquals(inOne.frames, inPieces.frames);
    }

    private static int bytes(byte[] script) {
        FrameWriter writer = new FrameWriter(256);
        int length = 0;
        for (int at = 0; at < script.length && length < MAX_BYTES - 512;) {
            int what = script[at] & 0xff;
            int n = Math.min(what & 0x3f, script.length - ++at);
            if (what >> 6 == 0 || n == 0) {
                ALL.putBytes(length, script, at, n); // as it is
                length += n;
            } else {
                PIECE.putBytes(0, script, at, n);
                assertEquals(n, writer.write(SINK, PIECE, 0, n));
                int frame = SOURCE.read(ALL, length, HEADER_BYTES + n);
                assertEquals(HEADER_BYTES + n, frame);
                if (what >> 6 == 2) { // with a byte altered
                    int damaged = length + (script[at] & 0xff) % frame;
                    ALL.putByte(damaged, (byte) (ALL.getByte(damaged) ^ (n + 1)));
                }
                length += what >> 6 == 3 ? frame - 1 - (script[at] & 0xff) % frame : frame;
            }
            at += n;
        }
        return length;
    }

    private void read(int length, int pieceBytes, int step) {
        FrameReader reader = new FrameReader(this, MAX_PAYLOAD_BYTES, MAX_DATA_BYTES);
        int piece = pieceBytes;
        for (int at = 0; at < length;) {
            int n = Math.min(piece, length - at);
            reader.data(SOURCE, ALL, at, n);
            resume(reader);
            assertTrue(reader.heldBytes() <= 2 * HEADER_BYTES + MAX_PAYLOAD_BYTES + MAX_DATA_BYTES);
            at += n;
            piece = 1 + (piece * step) % (2 * MAX_DATA_BYTES);
        }
        reader.end(SOURCE);
        resume(reader);
        assertEquals(0, reader.heldBytes());
    }

    private static void resume(FrameReader reader) {
        while (!SOURCE.isReading()) {
            SOURCE.resume();
            reader.deliver(SOURCE);
        }
    }

    @Override
    public void onFrame(Stream stream, DirectBuffer buffer, int offset, int length) {
        assertTrue(length >= 1 && length <= MAX_PAYLOAD_BYTES);
        byte[] payload = new byte[length];
        buffer.getBytes(offset, payload);
        frames.add(java.util.HexFormat.of().formatHex(payload));
        took(stream, HEADER_BYTES + length);
    }

    @Override
    public void onBadFrame(Stream stream, int code, long skippedBytes) {
        assertTrue(code < 0 && skippedBytes > 0);
        took(stream, skippedBytes);
    }

    private void took(Stream stream, long count) {
        bytes += count;
        if (pauses) {
            stream.pause();
        }
    }
}
