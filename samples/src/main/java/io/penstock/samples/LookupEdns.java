package io.penstock.samples;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.dns.iana.EdnsOption;
import io.penstock.dns.iana.ExtendedError;
import io.penstock.dns.wire.Edns;
import io.penstock.dns.wire.Message;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;

/** What EDNS says, as dig prints it. */
final class LookupEdns {
    static final int COMPACT_OK = 0x4000; // RFC 9824
    private static final Set<String> ABBREVIATIONS = Set.of(
            "dnskey", "dnssec", "ds", "nsec", "nsec3", "nxdomain", "rrsigs");

    private final StringBuilder out;
    private LookupQuery query = new LookupQuery();

    LookupEdns(StringBuilder out) {
        this.out = out;
    }

    /** The OPT record, as one of a message that answers the other, or null. */
    void print(LookupQuery query, Edns edns, NativeBuffer b, Message sent) {
        this.query = query;
        out.append(";; OPT PSEUDOSECTION:\n; EDNS: version: ").append(edns.version())
                .append(", flags:");
        int reserved = flags(edns);
        if (reserved != 0) {
            out.append("; MBZ: 0x").append(HexFormat.of().toHexDigits((short) reserved))
                    .append(", udp: ");
        } else {
            out.append("; udp: ");
        }
        out.append(edns.payloadSize()).append('\n');
        while (edns.nextOption()) {
            out.append("; ");
            option(edns, b, sent);
            out.append('\n');
        }
    }

    /** Prints those that have a name, and returns the others. */
    int flags(Edns edns) {
        out.append(edns.isDnssecOk() ? " do" : "")
                .append((edns.flags() & COMPACT_OK) != 0 ? " co" : "");
        return edns.flags() & ~(Edns.DNSSEC_OK | COMPACT_OK);
    }

    void option(Edns edns, NativeBuffer b, Message sent) {
        int at = edns.optionOffset();
        int length = edns.optionLength();
        switch (edns.optionCode()) {
            case EdnsOption.CLIENT_SUBNET -> {
                out.append("CLIENT-SUBNET: ");
                subnet(b, at, length);
                out.append('/').append(edns.subnetSourcePrefix()).append('/')
                        .append(edns.subnetScopePrefix());
            }
            case EdnsOption.COOKIE -> {
                out.append("COOKIE: ");
                hex(b, at, length, "");
                out.append(cookieState(b, at, length, sent));
            }
            case EdnsOption.EXPIRE -> {
                if (length == 4) {
                    long seconds = b.getInt(at, BIG_ENDIAN) & 0xffff_ffffL;
                    out.append("EXPIRE: ").append(seconds).append(" (");
                    LookupTime.append(out, seconds, true);
                    out.append(')');
                } else {
                    octets("EXPIRE:", b, at, length);
                }
            }
            case EdnsOption.KEY_TAG -> {
                out.append("KEY-TAG:");
                for (int i = at; i + 1 < at + length; i += 2) {
                    out.append(i > at ? ", " : " ").append(b.getShort(i, BIG_ENDIAN) & 0xffff);
                }
            }
            case EdnsOption.CLIENT_TAG, EdnsOption.SERVER_TAG -> {
                out.append(edns.optionCode() == EdnsOption.CLIENT_TAG ? "CLIENT-TAG:"
                        : "SERVER-TAG:");
                if (length == 2) {
                    out.append(' ').append(b.getShort(at, BIG_ENDIAN) & 0xffff);
                } else {
                    octets("", b, at, length);
                }
            }
            case EdnsOption.LLQ -> octets("LLQ:", b, at, length);
            case EdnsOption.TCP_KEEPALIVE -> {
                int units = edns.keepaliveTimeout100Ms();
                out.append("TCP KEEPALIVE:");
                if (units >= 0) {
                    out.append(' ').append(units / 10).append('.').append(units % 10)
                            .append(" secs");
                }
            }
            case EdnsOption.EXTENDED_ERROR -> {
                out.append("EDE: ");
                error(edns);
                if (length > 2) {
                    out.append(": (");
                    text(b, at + 2, length - 2);
                    out.append(')');
                }
            }
            case EdnsOption.NSID -> octets("NSID:", b, at, length);
            case EdnsOption.PADDING -> out.append("PAD:")
                    .append(length == 0 || sent == null && query.padding > 0 ? ""
                            : " (" + length + " bytes)"); // how many is known when it is sent
            default -> octets("OPT=" + edns.optionCode() + ":", b, at, length);
        }
    }

    void error(Edns edns) {
        String name = ExtendedError.name(edns.extendedError());
        out.append(edns.extendedError()).append(name == null ? "" : " (" + title(name) + ")");
    }

    /** As the registry has it: words begin with capitals, and abbreviations are made of them. */
    private static String title(String name) {
        StringBuilder title = new StringBuilder();
        for (String word : name.split(" ")) {
            title.append(title.isEmpty() ? "" : " ").append(ABBREVIATIONS.contains(word)
                    ? word.toUpperCase(Locale.ROOT).replace("RRSIGS", "RRSIGs")
                    : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return title.toString();
    }

    void octets(String name, NativeBuffer b, int at, int length) {
        out.append(name);
        if (length > 0) {
            out.append(' ');
            hex(b, at, length, " ");
            out.append(" (\"");
            printable(b, at, length);
            out.append("\")");
        }
    }

    private void hex(NativeBuffer b, int at, int length, String between) {
        for (int i = 0; i < length; i++) {
            out.append(i > 0 ? between : "").append(HexFormat.of().toHexDigits(b.getByte(at + i)));
        }
    }

    private void printable(NativeBuffer b, int at, int length) {
        for (int i = at; i < at + length; i++) {
            int c = b.getByte(i);
            out.append(c >= ' ' && c <= '~' ? (char) c : '.');
        }
    }

    /** In UTF-8, or else what is printable. */
    void text(NativeBuffer b, int at, int length) {
        byte[] octets = new byte[length];
        b.getBytes(at, octets);
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).chars()
                    .forEach(c -> out.append(Character.isISOControl(c) ? '.' : (char) c));
        } catch (CharacterCodingException e) {
            printable(b, at, length);
        }
    }

    private void subnet(NativeBuffer b, int at, int length) {
        NativeBuffer address = NativeBuffer.allocate(16);
        address.putBytes(0, b, at + 4, Math.min(16, length - 4));
        Endpoint endpoint = new Endpoint();
        if (b.getByte(at + 1) == 1) {
            endpoint.ipv4(address.getInt(0, BIG_ENDIAN), 0);
        } else {
            endpoint.ipv6(address.getLong(0, BIG_ENDIAN), address.getLong(8, BIG_ENDIAN), 0, 0);
        }
        out.append(Lookup.address(endpoint));
    }

    /** Whether the client's half came back, and something of the server's with it. */
    private String cookieState(NativeBuffer b, int at, int length, Message sent) {
        Edns own = sent == null ? null : sent.edns();
        if (own == null || !own.find(EdnsOption.COOKIE)) {
            return "";
        }
        boolean isSame = length >= Edns.CLIENT_COOKIE_BYTES
                && own.clientCookie() == b.getLong(at, BIG_ENDIAN);
        return !isSame ? " (bad)" : length > Edns.CLIENT_COOKIE_BYTES ? " (good)" : " (echoed)";
    }
}
