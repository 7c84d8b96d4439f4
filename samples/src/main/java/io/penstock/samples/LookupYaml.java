package io.penstock.samples;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Opcode;
import io.penstock.dns.wire.Edns;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.Section;
import io.penstock.samples.LookupQuery.Switch;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Messages as dig prints them with {@code +yaml}. */
final class LookupYaml {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final String[] SECTIONS = {"QUESTION", "ANSWER", "AUTHORITY", "ADDITIONAL"};

    private final StringBuilder out;
    private final LookupPrinter printer;
    private final LookupEdns options;

    LookupYaml(StringBuilder out, LookupPrinter printer) {
        this.out = out;
        this.printer = printer;
        options = new LookupEdns(out);
    }

    /** What is printed in place of an answer when there is none. */
    static String error(String message) {
        return "- type: DIG_ERROR\n  message: |\n    " + message + "\n";
    }

    /**
     * Prints a question, or an answer.
     *
     * @param sent what the message answers; null if it is a question
     * @param cameAt when the answer came; null if it is a question
     */
    void print(LookupQuery query, Message message, Message sent, int length, Endpoint server,
            String protocol, Instant sentAt, Instant cameAt) {
        boolean isIpv6 = server.isIpv6();
        line(0, "- type: MESSAGE");
        line(2, "message:");
        line(4, "type: " + type(message));
        line(4, "query_time: !!timestamp " + TIME.format(sentAt));
        if (cameAt != null) {
            line(4, "response_time: !!timestamp " + TIME.format(cameAt));
        }
        line(4, "message_size: " + length + "b");
        line(4, "socket_family: " + (isIpv6 ? "INET6" : "INET"));
        line(4, "socket_protocol: " + protocol);
        line(4, "response_address: \"" + Lookup.address(server) + "\"");
        line(4, "response_port: " + server.port());
        line(4, "query_address: \"" + (isIpv6 ? "::" : "0.0.0.0") + "\"");
        line(4, "query_port: 0");
        line(4, cameAt == null ? "query_message_data:" : "response_message_data:");
        header(message);
        if (query.is(Switch.COMMENTS) && message.edns() != null) {
            edns(query, message, sent);
        }
        sections(query, message);
    }

    private void line(int indentation, String text) {
        out.repeat(' ', indentation).append(text).append('\n');
    }

    private static String type(Message message) {
        boolean isAnswer = message.has(HeaderFlag.QR);
        String kind = isAnswer ? "RESPONSE" : "QUERY";
        return message.opcode() == Opcode.UPDATE ? "UPDATE_" + kind
                : message.opcode() != Opcode.QUERY ? "MESSAGE"
                : message.has(HeaderFlag.RD) && (!isAnswer || message.has(HeaderFlag.RA))
                ? "RECURSIVE_" + kind
                : "AUTH_" + kind;
    }

    private void header(Message message) {
        line(6, "opcode: " + LookupPrinter.opcode(message.opcode()));
        line(6, "status: " + LookupPrinter.rcode(message.rcode()));
        line(6, "id: " + message.id());
        out.append("      flags:");
        LookupPrinter.flags(out, message);
        out.append('\n');
        for (int section = 0; section < SECTIONS.length; section++) {
            line(6, SECTIONS[section] + ": " + message.count(section));
        }
    }

    private void edns(LookupQuery query, Message message, Message sent) {
        Edns edns = message.edns();
        line(6, "OPT_PSEUDOSECTION:");
        line(8, "EDNS:");
        line(10, "version: " + edns.version());
        out.repeat(' ', 10).append("flags:");
        int reserved = options.flags(edns);
        out.append('\n');
        if (reserved != 0) {
            line(10, String.format("MBZ: 0x%04x", reserved));
        }
        line(10, "udp: " + edns.payloadSize());
        while (edns.nextOption()) {
            out.repeat(' ', 10);
            option(edns, message.buffer(), sent);
            out.append('\n');
        }
    }

    private void option(Edns edns, NativeBuffer b, Message sent) {
        int at = edns.optionOffset();
        int length = edns.optionLength();
        switch (edns.optionCode()) {
            case EdnsOption.EXTENDED_ERROR -> {
                out.append("EDE:\n").repeat(' ', 12).append("INFO-CODE: ");
                options.error(edns);
                out.append('\n');
                if (length > 2) {
                    out.repeat(' ', 12).append("EXTRA-TEXT: \"");
                    options.text(b, at + 2, length - 2);
                    out.append('"');
                }
            }
            case EdnsOption.PADDING -> options.octets("PAD:", b, at, length);
            case EdnsOption.TCP_KEEPALIVE -> {
                out.append("TCP-");
                int from = out.length();
                options.option(edns, b, sent);
                out.delete(from, from + 4);
            }
            default -> options.option(edns, b, sent);
        }
    }

    private void sections(LookupQuery query, Message message) {
        if (query.is(Switch.QUESTION) && message.count(Section.QUESTION) > 0) {
            line(6, "QUESTION_SECTION:");
            message.rewind();
            while (message.nextQuestion()) {
                item(printer.question(query, message));
            }
        }
        message.seek(Section.ANSWER);
        for (int section = Section.QUESTION; message.nextRecord();) {
            if (printer.isShown(query, message)) {
                if (message.section() != section) {
                    section = message.section();
                    line(6, SECTIONS[section] + "_SECTION:");
                }
                item(printer.line(query, message.record()));
            }
        }
    }

    private void item(String text) {
        line(8, "- '" + text.replace("'", "''") + "'");
    }
}
