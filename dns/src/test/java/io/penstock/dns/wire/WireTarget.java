package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What fuzzing runs: messages, names, zones and the text of records; the first octet of the input
 * says which. All must be refused or understood, and what is understood comes through a round trip.
 */
public final class WireTarget {
    private static final WireTarget ONLY = new WireTarget();

    private final Message message = new Message();
    private final Message again = new Message();
    private final MessageWriter writer = new MessageWriter();
    private final ZoneReader reader = new ZoneReader();
    private final ResourceRecord record = new ResourceRecord();
    private final TextWriter text = new TextWriter();
    private final NativeBuffer out = NativeBuffer.allocate(Message.MAX_BYTES);
    private final NativeBuffer line = NativeBuffer.allocate(400_000);

    /**
     * Called by Jazzer.
     *
     * @param input of its choice
     */
    public static void fuzzerTestOneInput(byte[] input) {
        ONLY.anything(input);
    }

    void anything(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        NativeBuffer bytes = Bytes.of(rest);
        switch (input[0] & 3) {
            case 0 -> message(bytes);
            case 1 -> record(bytes);
            case 2 -> zone(bytes);
            default -> name(bytes, rest);
        }
    }

    private void message(NativeBuffer bytes) {
        if (message.wrap(bytes, 0, bytes.capacity()) < 0) {
            return;
        }
        writer.wrap(out, 0, out.capacity());
        writer.header(message.id(), message.flags());
        while (message.nextQuestion()) {
            assertEquals(0, writer.question(message));
        }
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
            assertEquals(0, writer.records(message, section));
        }
        int length = writer.finish();
        assertEquals(0, again.wrap(out, 0, length));
        assertEquals(length, again.length());
        message.rewind();
        while (message.nextRecord()) {
            assertTrue(again.nextRecord());
            assertEquals(printed(message.record()), printed(again.record()));
            assertTrue(RecordText.print(message.record(), text.wrap(line, 0, 400_000)) > 0);
        }
    }

    private static String printed(ResourceRecord record) {
        return RecordText.append(new StringBuilder(), record).toString();
    }

    private void record(NativeBuffer bytes) {
        if (record.wrap(bytes, 0, bytes.capacity()) > 0) {
            String printed = printed(record);
            reader.wrap(printed);
            int rc = reader.next();
            boolean isEmptyUpdate = record.rdataLength() == 0;
            assertTrue(rc == ZoneReader.RECORD || isEmptyUpdate, printed);
            if (rc == ZoneReader.RECORD) {
                assertEquals(printed, printed(reader.record()));
            }
        }
    }

    private void zone(NativeBuffer bytes) {
        reader.wrap(bytes, 0, bytes.capacity());
        int rc = reader.next();
        for (int steps = 0; rc != ZoneReader.END; steps++) {
            assertTrue(steps <= bytes.capacity());
            if (rc == ZoneReader.RECORD) {
                ResourceRecord r = reader.record();
                int length = r.rdataOffset() + r.rdataLength();
                assertEquals(length, record.wrap(r.buffer(), 0, length));
            }
            rc = reader.next();
        }
    }

    private void name(NativeBuffer bytes, byte[] rest) {
        if (Name.validate(bytes, 0, bytes.capacity()) > 0) {
            String printed = NameText.append(new StringBuilder(), bytes, 0).toString();
            assertEquals(Name.length(bytes, 0), NameText.parse(printed, line, 0, 255));
            assertTrue(Name.equalsExactly(bytes, 0, line, 0));
            assertEquals(Name.hash(bytes, 0), Name.hash(line, 0));
            assertEquals(0, Name.compare(bytes, 0, line, 0));
        }
        String asText = new String(rest, StandardCharsets.ISO_8859_1);
        int length = NameText.parse(asText, line, 0, 255);
        if (length > 0) {
            assertEquals(length, Name.validate(line, 0, 255));
        }
    }
}
