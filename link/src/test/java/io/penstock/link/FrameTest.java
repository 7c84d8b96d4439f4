package io.penstock.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Stream;
import io.penstock.core.testing.Allocation;
import io.penstock.pipes.PipeStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class FrameTest {
    private final Wire wire = new Wire();
    private final FrameLog log = new FrameLog();
    private final FrameReader reader = new FrameReader(log, 1_000, 64 << 10);

    @AfterEach
    void close() {
        wire.close();
    }

    private static byte[] bytes(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private byte[] frame(int length) {
        return wire.encode(bytes(length, length));
    }

    private void feed(byte[]... parts) {
        byte[] all = Wire.concat(parts);
        wire.feed(reader, all, 0, all.length);
    }

    /** The format itself, from RFC 3720's value for "123456789" and the JDK's for the header. */
    @Test
    void theBytesOfAFrame() {
        byte[] frame = wire.encode("123456789".getBytes(StandardCharsets.US_ASCII));
        CRC32C crc = new CRC32C();
        crc.update(HexFormat.of().parseHex("f550463100000009"));
        assertEquals("f550463100000009" + HexFormat.of().toHexDigits((int) crc.getValue())
                + "e3069283" + "313233343536373839", HexFormat.of().formatHex(frame));
    }

    @Test
    void aFlippedBitIsOneReportWhereverItIs() {
        byte[] all = Wire.concat(frame(50), frame(60), frame(70));
        for (int at = 0; at < all.length; at++) {
            byte[] damaged = all.clone();
            damaged[at] ^= 4;
            log.events.clear();
            reader.clear();
            feed(damaged);
            wire.end(reader);
            List<String> expected = at < 66 ? List.of("FRAME_CORRUPT 66", "frame 60", "frame 70")
                    : at < 142 ? List.of("frame 50", "FRAME_CORRUPT 76", "frame 70")
                    : List.of("frame 50", "frame 60", "FRAME_CORRUPT 86");
            assertEquals(expected, log.events, "byte " + at);
        }
    }

    @Test
    void aStreamCutAnywhereIsToldOfOnce() {
        byte[] frame = frame(50);
        for (int length = 1; length < frame.length; length++) {
            log.events.clear();
            reader.clear();
            feed(frame(20), Arrays.copyOf(frame, length));
            wire.end(reader);
            assertEquals(List.of("frame 20", "FRAME_TRUNCATED " + length), log.events);
        }
    }

    @Test
    void aTornFrameHidesNoneThatFollow() {
        feed(Arrays.copyOf(frame(1_000), 30), frame(20), frame(30));
        assertEquals(List.of(), log.events, "the rest may still come");
        wire.end(reader);
        assertEquals(List.of("FRAME_TRUNCATED 30", "frame 20", "frame 30"), log.events);
    }

    @Test
    void aTornFrameIsSeenThroughOnceItsLengthIsThere() {
        feed(Arrays.copyOf(frame(100), 30), frame(20), frame(30), frame(40));
        assertEquals(List.of("FRAME_CORRUPT 30", "frame 20", "frame 30", "frame 40"), log.events);
    }

    @Test
    void aDamagedFrameDoesNotSetFreeTheFramesWithinIt() {
        byte[] outer = wire.encode(Wire.concat(frame(20), frame(30)));
        outer[20] ^= 1;
        feed(outer, frame(40));
        assertEquals(List.of("FRAME_CORRUPT " + outer.length, "frame 40"), log.events);
    }

    @Test
    void aFrameThatIsTooLongIsSkippedWithAllWithinIt() {
        byte[] inner = frame(20);
        byte[] big = Wire.concat(inner, bytes(3_000, 0), inner);
        feed(frame(10), wire.encode(big), frame(30));
        assertEquals(List.of("frame 10", "FRAME_TOO_LONG 3088", "frame 30"), log.events);
        log.events.clear();
        byte[] encoded = wire.encode(big);
        for (byte one : encoded) {
            feed(new byte[] {one});
        }
        wire.end(reader);
        assertEquals(List.of("FRAME_TOO_LONG 1017", "FRAME_TOO_LONG 2071"), log.events);
    }

    @Test
    void aPeerThatSpeaksSomethingElseIsHeardOf() {
        for (int i = 0; i < 100; i++) {
            feed(bytes(100, 'x'));
        }
        assertEquals(List.of("FRAME_CORRUPT 1100"), log.events);
        feed(frame(20));
        assertEquals(List.of("FRAME_CORRUPT 1100", "FRAME_CORRUPT 8900", "frame 20"), log.events);
    }

    @Test
    void anEmptyFrameIsNone() {
        byte[] header = new byte[16];
        CRC32C crc = new CRC32C();
        ByteBuffer.wrap(header).putInt(0xF550_4631).putInt(0);
        crc.update(header, 0, 8);
        ByteBuffer.wrap(header).putInt(8, (int) crc.getValue());
        feed(header, frame(20));
        assertEquals(List.of("FRAME_CORRUPT 16", "frame 20"), log.events);
    }

    /** Each header is good, each payload is not, each lies within the one before. */
    @Test
    void nestedLiesCostLittle() {
        FrameReader large = new FrameReader(log, 8 << 20, 1 << 20);
        byte[] header = Arrays.copyOf(wire.encode(bytes(1 << 19, 1)), 16);
        CRC32C crc = new CRC32C();
        ByteBuffer.wrap(header).putInt(4, 8 << 20);
        crc.update(header, 0, 8);
        ByteBuffer.wrap(header).putInt(8, (int) crc.getValue());
        byte[] lies = new byte[1 << 20];
        for (int i = 0; i < lies.length; i += 16) {
            System.arraycopy(header, 0, lies, i, 16);
        }
        lies = Wire.concat(lies, new byte[1]); // so that nothing lies where a next one would
        byte[] all = Arrays.copyOf(lies, 1 << 20);
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            for (int i = 0; i < 32; i++) {
                wire.feed(large, all, 0, all.length - (i & 1));
            }
            wire.end(large);
        });
        assertEquals((32L << 20) - 16, log.bytes);
    }

    @Test
    void aPauseHoldsTheRestUntilDelivered() {
        NativeBuffer memory = NativeBuffer.allocate(4_096);
        byte[] all = Wire.concat(frame(10), frame(20), frame(30));
        memory.putBytes(0, all);
        log.pauseEvery = 1;
        assertEquals(1, reader.data(wire.stream, memory, 0, all.length));
        assertEquals(36 + 46, reader.heldBytes());
        assertEquals(0, reader.deliver(wire.stream), "it is paused");
        wire.stream.resume();
        assertEquals(1, reader.deliver(wire.stream));
        assertEquals(0, reader.end(wire.stream));
        wire.stream.resume();
        assertEquals(1, reader.deliver(wire.stream));
        assertEquals(List.of("frame 10", "frame 20", "frame 30"), log.events);
        assertEquals(0, reader.heldBytes());
    }

    @Test
    void withoutRoomAPauseIsOverruledAndNothingIsLost() {
        FrameReader small = new FrameReader(log, 100, 50);
        NativeBuffer memory = NativeBuffer.allocate(4_096);
        byte[] all = Wire.concat(frame(10), frame(20), frame(30), frame(40), frame(50), frame(60));
        memory.putBytes(0, all);
        log.pauseEvery = 1;
        small.data(wire.stream, memory, 0, all.length);
        while (small.heldBytes() > 0) {
            wire.stream.resume();
            small.deliver(wire.stream);
        }
        assertEquals(6, log.frames.size());
        assertEquals(all.length, log.bytes);
    }

    @Test
    void thereIsRoomWhileADamagedFrameWaitsForTheNextHeader() {
        FrameReader small = new FrameReader(log, 100, 50);
        byte[] damaged = frame(100);
        damaged[50] ^= 1;
        byte[] all = Wire.concat(damaged, frame(100));
        wire.feed(small, all, 0, 116 + 15);
        assertEquals(131, small.heldBytes());
        wire.feed(small, all, 131, 50);
        wire.feed(small, all, 181, 51);
        assertEquals(List.of("FRAME_CORRUPT 116", "frame 100"), log.events);
    }

    @Test
    void nothingFollowsAClose() {
        FrameHandler closer = new FrameLog() {
            @Override
            public void onFrame(Stream stream, DirectBuffer buffer, int offset, int length) {
                super.onFrame(stream, buffer, offset, length);
                stream.close();
            }
        };
        FrameReader closing = new FrameReader(closer, 100, 50);
        byte[] all = Wire.concat(frame(10), frame(20), frame(30), frame(100), frame(100));
        wire.feed(closing, all, 0, all.length);
        closing.end(wire.stream);
        assertEquals(List.of("frame 10"), ((FrameLog) closer).events);
    }

    @Test
    void aHandlerThatDeliversAgainFromWithinIsServedOnce() {
        FrameReader[] self = new FrameReader[1];
        FrameLog nested = new FrameLog() {
            @Override
            public void onFrame(Stream stream, DirectBuffer buffer, int offset, int length) {
                assertEquals(0, self[0].deliver(stream));
                super.onFrame(stream, buffer, offset, length);
            }
        };
        self[0] = new FrameReader(nested, 100, 500);
        byte[] all = Wire.concat(frame(10), frame(20));
        wire.feed(self[0], all, 0, all.length);
        assertEquals(List.of("frame 10", "frame 20"), nested.events);
    }

    @Test
    void aWriterAnswersWithCodes() {
        FrameWriter writer = new FrameWriter(10);
        NativeBuffer memory = NativeBuffer.allocate(64);
        PipeStream sink = new PipeStream();
        assertEquals(ReturnCode.NOT_OPEN, writer.write(sink, memory, 0, 10));
        assertEquals(ReturnCode.BAD_ARGUMENT, writer.write(sink, memory, 0, 0));
        assertEquals(ReturnCode.MESSAGE_TOO_LONG, writer.write(sink, memory, 0, 11));
        assertThrows(IndexOutOfBoundsException.class, () -> writer.write(sink, memory, 60, 10));
        assertThrows(IllegalArgumentException.class, () -> new FrameWriter(0));
        assertThrows(IllegalArgumentException.class, () -> new FrameReader(log, 0, 1));
    }

    @Test
    void aShortWriteKeepsItsTail() {
        PipeStream source = new PipeStream();
        PipeStream sink = new PipeStream();
        assertEquals(0, PipeStream.open(source, sink));
        assertEquals(4_096, sink.capacity(4_096));
        source.resume();
        FrameWriter writer = new FrameWriter(10_000);
        NativeBuffer memory = NativeBuffer.allocate(10_000);
        memory.setMemory(0, 10_000, (byte) 7);
        assertEquals(10_000, writer.write(sink, memory, 0, 10_000));
        memory.setMemory(0, 10_000, (byte) 8); // the caller's again
        assertEquals(10_016 - 4_096, writer.pendingBytes());
        assertEquals(0, writer.write(sink, memory, 0, 5));
        assertEquals(writer.pendingBytes(), writer.onWritable(sink), "still full");
        FrameLog all = new FrameLog();
        FrameReader whole = new FrameReader(all, 10_000, 4_096);
        NativeBuffer in = NativeBuffer.allocate(4_096);
        int left;
        do {
            whole.data(source, in, 0, source.read(in, 0, 4_096));
            left = writer.onWritable(sink);
        } while (left > 0);
        assertEquals(5, writer.write(sink, memory, 0, 5));
        whole.data(source, in, 0, source.read(in, 0, 4_096));
        whole.data(source, in, 0, Math.max(0, source.read(in, 0, 4_096)));
        assertEquals(List.of("frame 10000", "frame 5"), all.events);
        assertArrayEquals(bytes(10_000, 7), all.frames.get(0));
        assertArrayEquals(bytes(5, 8), all.frames.get(1));
        sink.close();
        source.close();
        assertEquals(ReturnCode.CLOSED, writer.write(sink, memory, 0, 5));
    }

    @Test
    @Tag("allocation")
    void readingAndWritingAllocateNothing() {
        long[] told = {0};
        FrameReader quiet = new FrameReader(new FrameHandler() {
            @Override
            public void onFrame(Stream stream, DirectBuffer buffer, int offset, int length) {
                told[0] += length;
            }

            @Override
            public void onBadFrame(Stream stream, int code, long skippedBytes) {
                told[0] += skippedBytes;
            }
        }, 1_000, 64 << 10);
        byte[] damaged = Wire.concat(frame(300), new byte[40], frame(200), frame(1_001));
        damaged[100] ^= 1;
        NativeBuffer memory = NativeBuffer.allocate(4_096);
        memory.putBytes(0, damaged);
        PipeStream source = new PipeStream();
        PipeStream sink = new PipeStream();
        assertEquals(0, PipeStream.open(source, sink));
        source.resume();
        FrameWriter writer = new FrameWriter(1_000);
        NativeBuffer in = NativeBuffer.allocate(8_192);
        Allocation.assertNone("frames", 2_000, 1_000, () -> {
            quiet.data(source, memory, 0, 300);
            quiet.data(source, memory, 300, damaged.length - 300);
            writer.write(sink, memory, 0, 1_000);
            writer.onWritable(sink);
            quiet.data(source, in, 0, source.read(in, 0, 8_192));
            quiet.deliver(source);
            quiet.end(source);
            quiet.clear();
        });
        long before = told[0];
        quiet.data(source, memory, 0, damaged.length);
        assertEquals(before + 316 + 40 + 200 + 1_017, told[0]);
        source.close();
        sink.close();
    }
}
