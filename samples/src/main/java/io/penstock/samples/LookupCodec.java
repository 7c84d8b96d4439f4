package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.ResourceRecord;
import io.penstock.dns.wire.ZoneReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The codec by itself: lines on stdin, each answered on stdout. */
final class LookupCodec {
    private interface Line {
        void print(String line, StringBuilder out);
    }

    private LookupCodec() {
    }

    /** Packets in hex, printed as answers are, or {@code error CODE at OFFSET}. */
    static int decode() {
        Message message = new Message();
        NativeBuffer packet = NativeBuffer.allocate(Message.MAX_BYTES);
        LookupQuery query = new LookupQuery();
        return each((line, out) -> {
            byte[] bytes = hex(line);
            if (bytes == null || bytes.length > Message.MAX_BYTES) {
                error(out, bytes == null ? ReturnCode.DNS_NUMBER : ReturnCode.DNS_FULL, 0);
                return;
            }
            packet.putBytes(0, bytes);
            int rc = message.wrap(packet, 0, bytes.length);
            if (rc < 0) {
                error(out, rc, message.errorOffset());
                return;
            }
            new LookupPrinter(out).print(
                    query, message, null, null, bytes.length - message.length());
        });
    }

    /** Records, in hex as they are on the wire, or {@code error CODE at COLUMN}. */
    static int encode() {
        ZoneReader reader = new ZoneReader();
        return each((line, out) -> {
            byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
            NativeBuffer text = NativeBuffer.allocate(Math.max(1, bytes.length));
            text.putBytes(0, bytes);
            reader.wrap(text, 0, bytes.length);
            int rc = reader.next();
            if (rc < 0 || rc != ZoneReader.RECORD) {
                error(out, rc < 0 ? rc : ReturnCode.DNS_SYNTAX, reader.column());
                return;
            }
            ResourceRecord record = reader.record();
            int end = record.rdataOffset() + record.rdataLength();
            byte[] wire = new byte[end - record.owner()];
            record.buffer().getBytes(record.owner(), wire);
            out.append(HexFormat.of().formatHex(wire)).append('\n');
        });
    }

    private static int each(Line job) {
        BufferedReader in = new BufferedReader(
                new InputStreamReader(System.in, StandardCharsets.ISO_8859_1));
        StringBuilder out = new StringBuilder();
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (!line.isBlank()) {
                    job.print(line, out);
                    System.out.print(out);
                    out.setLength(0);
                }
            }
        } catch (IOException e) {
            throw new Exit(Exit.FAILURE, "lookup: stdin cannot be read");
        }
        System.out.flush();
        if (System.out.checkError()) {
            throw new Exit(Exit.SIGPIPE, null);
        }
        return Exit.OK;
    }

    private static void error(StringBuilder out, int code, int at) {
        out.append("error ").append(code).append(" (").append(ReturnCode.describe(code))
                .append(") at ").append(at).append('\n');
    }

    private static byte[] hex(String line) {
        try {
            return HexFormat.of().parseHex(line.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
