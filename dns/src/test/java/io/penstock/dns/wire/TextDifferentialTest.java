package io.penstock.dns.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.ReturnCode;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/** The text of every type, read here and by dnsjava, and what is printed, read again by both. */
class TextDifferentialTest {
    private final ZoneReader reader = new ZoneReader();

    private ResourceRecord read(String text) {
        reader.wrap(text);
        int rc = reader.next();
        assertEquals(ZoneReader.RECORD, rc, () -> text + " " + ReturnCode.describe(rc) + " at "
                + reader.line() + ":" + reader.column());
        return reader.record();
    }

    private static String wire(ResourceRecord record) {
        return Bytes.hex(record.buffer(), record.rdataOffset(), record.rdataLength());
    }

    private static String printed(ResourceRecord record) {
        return RecordText.append(new StringBuilder(), record).toString();
    }

    private static org.xbill.DNS.Record theirs(String sample) throws IOException {
        int blank = sample.indexOf(' ');
        return org.xbill.DNS.Record.fromString(Name.fromString("a.example."),
                Type.value(sample.substring(0, blank)), DClass.IN, 3600,
                sample.substring(blank + 1), Name.root);
    }

    private static String wire(org.xbill.DNS.Record record) {
        return HexFormat.of().formatHex(record.rdataToWireCanonical());
    }

    @Test
    void textIsReadAlike() throws IOException {
        for (String sample : Samples.RECORDS) {
            assertEquals(wire(theirs(sample)), wire(read("a.example. 3600 IN " + sample)), sample);
        }
    }

    @Test
    void whatIsPrintedIsReadAlike() throws IOException {
        for (String sample : Samples.RECORDS) {
            String printed = printed(read("a.example. 3600 IN " + sample));
            String type = sample.substring(0, sample.indexOf(' '));
            String data = printed.substring(printed.indexOf(type));
            assertEquals(wire(theirs(sample)), wire(theirs(data)), printed);
        }
    }

    @Test
    void whatIsPrintedIsReadAgain() {
        for (String sample : Samples.all()) {
            String text = "a.example. 3600 IN " + sample;
            String wire = wire(read(text));
            String printed = printed(read(text));
            assertEquals(wire, wire(read(printed)), printed);
            assertEquals(printed, printed(read(printed)));
        }
    }

    @Test
    void theirTextIsRead() throws IOException {
        for (String sample : Samples.RECORDS) {
            org.xbill.DNS.Record theirs = theirs(sample);
            assertEquals(wire(theirs), wire(read(theirs.toString())), theirs.toString());
        }
    }

    @Test
    void unknownFormOfAnyType() throws IOException {
        for (String sample : Samples.RECORDS) {
            String wire = wire(theirs(sample));
            String type = sample.substring(0, sample.indexOf(' '));
            String text = "a.example. 3600 IN " + type + " \\# " + wire.length() / 2 + " " + wire;
            assertEquals(wire, wire(read(text)), text);
        }
    }
}
