package io.penstock.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;

/** A search of the damaged bytes for each frame's own bytes says what must be found. */
class FramePropertyTest {
    private static final int MAX_PAYLOAD = 300;
    private static final int MAX_DATA = 200;

    private final Wire wire = new Wire();

    @AfterProperty
    void close() {
        wire.close();
    }

    @Property(tries = 300)
    void roundTrip(@ForAll long seed, @ForAll @IntRange(max = 40) int count,
            @ForAll @IntRange(min = 1, max = 400) int maxPiece) {
        Random random = new Random(seed);
        List<byte[]> sent = messages(random, count);
        FrameLog log = read(random, encode(sent), maxPiece, 1 + random.nextInt(5));
        assertFrames(sent, log.frames);
        assertEquals(sent.size(), log.events.size(), log.events::toString);
    }

    @Property(tries = 1_000)
    void damageCostsWhatItTouchesAndNothingElse(@ForAll long seed,
            @ForAll @IntRange(min = 1, max = 30) int count,
            @ForAll @IntRange(min = 1, max = 5) int damages) {
        Random random = new Random(seed);
        List<byte[]> sent = messages(random, count);
        byte[] bytes = encode(sent);
        int missing = 0;
        for (int i = 0; i < damages; i++) {
            // Together fewer than the smallest frame has: so no header can fall where the one
            // behind a damaged frame would be, with a good frame between them.
            int length = 1 + random.nextInt(4);
            int kind = random.nextInt(4);
            missing += kind == 1 ? length : 0;
            bytes = damage(random, bytes, kind, length);
        }
        assertTrue(missing <= 20);
        List<byte[]> intact = intact(bytes, sent);
        FrameLog log = read(random, bytes, 1 + random.nextInt(400), 1 + random.nextInt(5));
        assertFrames(intact, log.frames);
        assertEquals(bytes.length, log.bytes, log.events::toString);
        FrameLog inOne = read(random, bytes, MAX_DATA, Integer.MAX_VALUE);
        assertEquals(runs(inOne.events), runs(log.events), "pieces must not matter");
    }

    /** The events, with the two reports that a long run may have made one. */
    private static List<String> runs(List<String> events) {
        List<String> runs = new ArrayList<>();
        String code = "";
        long skipped = 0;
        for (String event : events) {
            String[] words = event.split(" ");
            if (words[0].equals(code)) {
                assertTrue(skipped > MAX_PAYLOAD + Frame.HEADER_BYTES, events::toString);
                runs.removeLast();
                runs.add(code + " " + (skipped + Long.parseLong(words[1])));
                code = "";
            } else {
                runs.add(event);
                code = words[0].startsWith("FRAME") ? words[0] : "";
                skipped = Long.parseLong(words[1]);
            }
        }
        return runs;
    }

    @Property(tries = 500)
    void whateverComesIsAccountedFor(@ForAll long seed,
            @ForAll @IntRange(max = 2_000) int length) {
        Random random = new Random(seed);
        byte[] good = encode(messages(random, 3));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (out.size() < length) { // pieces of frames, so that much looks like one
            int from = random.nextInt(good.length);
            out.write(good, from, random.nextInt(Math.min(40, good.length - from) + 1));
            out.write(random.nextInt());
        }
        byte[] bytes = out.toByteArray();
        FrameLog log = read(random, bytes, 1 + random.nextInt(400), 1 + random.nextInt(5));
        assertEquals(bytes.length, log.bytes, log.events::toString);
        for (byte[] frame : log.frames) {
            assertTrue(contains(bytes, wire.encode(frame)), "a frame that did not come");
        }
    }

    private FrameLog read(Random random, byte[] bytes, int maxPiece, int pauseEvery) {
        FrameLog log = new FrameLog();
        log.pauseEvery = pauseEvery;
        FrameReader reader = new FrameReader(log, MAX_PAYLOAD, MAX_DATA);
        for (int done = 0; done < bytes.length;) {
            int n = Math.min(bytes.length - done, 1 + random.nextInt(maxPiece));
            wire.feed(reader, bytes, done, n);
            done += n;
            assertTrue(reader.heldBytes() < MAX_PAYLOAD + 2 * Frame.HEADER_BYTES);
        }
        wire.end(reader);
        assertEquals(0, reader.heldBytes());
        return log;
    }

    /** Each with its number in front, so that no two are the same. */
    private static List<byte[]> messages(Random random, int count) {
        List<byte[]> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] message = new byte[4 + random.nextInt(MAX_PAYLOAD - 3)];
            random.nextBytes(message);
            ByteBuffer.wrap(message).putInt(i);
            messages.add(message);
        }
        return messages;
    }

    private byte[] encode(List<byte[]> messages) {
        return Wire.concat(messages.stream().map(wire::encode).toArray(byte[][]::new));
    }

    private static byte[] damage(Random random, byte[] bytes, int kind, int length) {
        int at = random.nextInt(Math.max(1, bytes.length - length));
        byte[] before = Arrays.copyOf(bytes, at);
        byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(at + length, bytes.length));
        byte[] behind = Arrays.copyOfRange(bytes, at + piece.length, bytes.length);
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return switch (kind) {
            case 0 -> Wire.concat(before, noise, behind);
            case 1 -> Wire.concat(before, behind);
            case 2 -> Wire.concat(before, noise, piece, behind);
            default -> Wire.concat(before, piece, piece, behind);
        };
    }

    private List<byte[]> intact(byte[] bytes, List<byte[]> sent) {
        return sent.stream().filter(message -> contains(bytes, wire.encode(message))).toList();
    }

    private static boolean contains(byte[] bytes, byte[] part) {
        return text(bytes).contains(text(part));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static void assertFrames(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size(), "frames");
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i));
        }
    }
}
