package io.penstock.samples;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.Algorithm;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Opcode;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RdataField;
import io.penstock.dns.iana.RdataLayout;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.NameText;
import io.penstock.dns.wire.Rdata;
import io.penstock.dns.wire.ResourceRecord;
import io.penstock.dns.wire.RecordText;
import io.penstock.dns.wire.Section;
import io.penstock.dns.wire.TextWriter;
import io.penstock.samples.LookupQuery.Switch;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Messages as dig prints them. */
final class LookupPrinter {
    private static final String[] SECTIONS = {"QUESTION", "ANSWER", "AUTHORITY", "ADDITIONAL"};
    private static final String[] UPDATE_SECTIONS =
            {"ZONE", "PREREQUISITE", "UPDATE", "ADDITIONAL"};
    private static final String[] COUNTS = {"QUERY", "ANSWER", "AUTHORITY", "ADDITIONAL"};
    private static final Set<RdataField> SPLIT =
            EnumSet.of(RdataField.BASE64, RdataField.HEX, RdataField.OPAQUE);
    private static final Set<Integer> SECRETS = Set.of(RecordType.DNSKEY, RecordType.CDNSKEY,
            RecordType.KEY, RecordType.DS, RecordType.CDS, RecordType.DLV, RecordType.RRSIG,
            RecordType.SIG, RecordType.OPENPGPKEY, RecordType.ZONEMD);
    private static final Pattern ZEROS = Pattern.compile("\\b0{1,3}(?=[0-9a-f]+(:|$))");
    private static final Pattern WHOLE = Pattern.compile("([1-9][0-9]*)\\.00m");
    private static final int[] FLAGS = {HeaderFlag.QR, HeaderFlag.AA, HeaderFlag.TC, HeaderFlag.RD,
        HeaderFlag.RA, HeaderFlag.AD, HeaderFlag.CD};
    private static final String[] FLAG_NAMES = {" qr", " aa", " tc", " rd", " ra", " ad", " cd"};
    private static final int TAB = 8;
    private static final String NEXT_LINE = "\n\t\t\t\t";
    // Types that have long digits, and how many of their fields stay on the first of several lines.
    private static final Map<Integer, Integer> LINES = Map.ofEntries(
            Map.entry(RecordType.DNSKEY, 3), Map.entry(RecordType.CDNSKEY, 3),
            Map.entry(RecordType.KEY, 3), Map.entry(RecordType.DS, 3),
            Map.entry(RecordType.CDS, 3), Map.entry(RecordType.DLV, 3),
            Map.entry(RecordType.TLSA, 3), Map.entry(RecordType.SMIMEA, 3),
            Map.entry(RecordType.CERT, 3), Map.entry(RecordType.ZONEMD, 3),
            Map.entry(RecordType.SSHFP, 2), Map.entry(RecordType.RRSIG, 4),
            Map.entry(RecordType.SIG, 5), Map.entry(RecordType.OPENPGPKEY, 0),
            Map.entry(RecordType.IPSECKEY, 0), Map.entry(RecordType.TA, 3),
            Map.entry(RecordType.RKEY, 3), Map.entry(RecordType.DHCID, 0));
    private static final Set<Integer> KEYS =
            Set.of(RecordType.DNSKEY, RecordType.CDNSKEY, RecordType.KEY, RecordType.RKEY);
    private static final int LINE_WIDTH = 44;
    private static final int REVOKED = 0x80;
    private static final int SEP = 1;

    private final StringBuilder out;
    private final LookupEdns edns;
    private final TextWriter text = new TextWriter();
    private final StringBuilder rdata = new StringBuilder();
    private LookupQuery query = new LookupQuery();
    private boolean sawSoa; // of a transfer that is to show one

    LookupPrinter(StringBuilder out) {
        this.out = out;
        edns = new LookupEdns(out);
    }

    /**
     * Prints a message.
     *
     * @param query says what of it
     * @param message the one
     * @param sent what it answers; null if it was sent itself, or was not asked for
     * @param title what is printed above the header, or null
     * @param extra how many octets are behind it
     */
    void print(LookupQuery query, Message message, Message sent, String title, int extra) {
        this.query = query;
        boolean isCommented = query.is(Switch.COMMENTS);
        if (isCommented) {
            header(message, sent, title, extra);
            if (message.edns() != null) {
                edns.print(query, message.edns(), message.buffer(), sent);
            }
        }
        if (query.is(Switch.QUESTION) && message.count(Section.QUESTION) > 0) {
            questions(message);
        }
        message.seek(Section.ANSWER);
        boolean hasRecord = message.nextRecord();
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
            boolean isTitled = false;
            for (; hasRecord && message.section() == section; hasRecord = message.nextRecord()) {
                ResourceRecord record = message.record();
                boolean isSignature = record.type() == RecordType.TSIG;
                if (isShown(query, message)) {
                    if (isTitled && isCommented && isSignature) {
                        out.append('\n');
                    }
                    if (isCommented && (!isTitled || isSignature)) {
                        title(message, section, isSignature);
                    }
                    isTitled = true;
                    record(record);
                }
            }
            if (isTitled && isCommented) {
                out.append('\n');
            }
        }
    }

    /** Whether the record that the message has come to is one to print. */
    boolean isShown(LookupQuery query, Message message) {
        int section = message.section();
        int type = message.record().type();
        if (type == RecordType.SOA && query.is(Switch.ONESOA) && query.type == RecordType.AXFR) {
            boolean isSecond = sawSoa;
            sawSoa = section == Section.ANSWER;
            return !isSecond;
        }
        return type != RecordType.OPT
                && query.is(section == Section.ANSWER ? Switch.ANSWER
                : section == Section.AUTHORITY ? Switch.AUTHORITY : Switch.ADDITIONAL);
    }

    private void title(Message message, int section, boolean isSignature) {
        String[] names = message.opcode() == Opcode.UPDATE ? UPDATE_SECTIONS : SECTIONS;
        out.append(";; ").append(isSignature ? "TSIG PSEUDOSECTION" : names[section] + " SECTION")
                .append(":\n");
    }

    // The header

    private void header(Message message, Message sent, String title, int extra) {
        if (title != null) {
            out.append(";; ").append(title).append(":\n");
        }
        out.append(";; ->>HEADER<<- opcode: ").append(opcode(message.opcode()))
                .append(", status: ").append(rcode(message.rcode()))
                .append(", id: ").append(message.id()).append("\n;; flags:");
        flags(out, message);
        out.append(message.has(0x40) ? "; MBZ: 0x4" : "");
        for (int section = 0; section < COUNTS.length; section++) {
            out.append(section == 0 ? "; " : ", ").append(COUNTS[section]).append(": ")
                    .append(message.count(section));
        }
        out.append('\n');
        boolean isReceived = sent != null || title == null && message.has(HeaderFlag.QR);
        if (isReceived && message.has(HeaderFlag.RD) && !message.has(HeaderFlag.RA)) {
            out.append(";; WARNING: recursion requested but not available\n");
        }
        if (extra > 0) {
            out.append(";; WARNING: Message has ").append(extra).append(" extra bytes at end\n");
        }
        out.append('\n');
        boolean isRefused = message.rcode() == Rcode.FORMERR || message.rcode() == Rcode.NOTIMP;
        if (sent != null && sent.edns() != null && message.edns() == null && isRefused) {
            out.append(";; WARNING: EDNS query returned status ").append(rcode(message.rcode()))
                    .append(" - retry with '").append(query.is(Switch.DNSSEC) ? "+nodnssec " : "")
                    .append("+noedns'\n\n");
        }
    }

    static void flags(StringBuilder out, Message message) {
        for (int i = 0; i < FLAGS.length; i++) {
            out.append(message.has(FLAGS[i]) ? FLAG_NAMES[i] : "");
        }
    }

    static String opcode(int code) {
        String name = Opcode.name(code);
        return name != null && code != Opcode.DSO ? name : "RESERVED" + code;
    }

    static String rcode(int code) {
        String name = Rcode.name(code);
        boolean isNamed = code <= Rcode.BADVERS || code == Rcode.BADCOOKIE; // by dig
        return !isNamed ? "?" + code : name != null && code != Rcode.DSOTYPENI ? name
                : "RESERVED" + code;
    }

    // Questions and records, in columns

    private void questions(Message message) {
        if (query.is(Switch.COMMENTS)) {
            title(message, Section.QUESTION, false);
        }
        message.rewind();
        while (message.nextQuestion()) {
            out.append(';');
            int line = out.length();
            name(message.buffer(), message.questionName());
            column(line, classColumn());
            out.append(recordClass(message.questionClass()));
            column(line, typeColumn());
            out.append(type(message.questionType())).append('\n');
        }
        if (query.is(Switch.COMMENTS)) {
            out.append('\n');
        }
    }

    private void record(ResourceRecord record) {
        int line = out.length();
        name(record.buffer(), record.owner());
        if (query.is(Switch.TTLID)) {
            column(line, 24);
            if (query.is(Switch.TTLUNITS)) {
                LookupTime.append(out, record.ttl(), false);
            } else {
                out.append(record.ttl());
            }
        }
        if (query.is(Switch.CLASS)) {
            column(line, classColumn());
            out.append(recordClass(record.recordClass()));
        }
        column(line, typeColumn());
        out.append(type(record.type()));
        column(line, rdataColumn());
        if (query.is(Switch.MULTILINE) && record.type() == RecordType.SOA
                && !query.is(Switch.UNKNOWNFORMAT)) {
            soa(record);
        } else {
            data(record);
        }
        out.append('\n');
    }

    private void name(NativeBuffer buffer, int offset) {
        int from = out.length();
        NameText.append(out, buffer, offset);
        decode(out, from);
    }

    /** Names that are encoded, in their own script. */
    private void decode(StringBuilder text, int from) {
        if (query.is(Switch.IDNOUT) && text.indexOf("xn--", from) >= 0) {
            text.replace(from, text.length(), LookupNames.toUnicode(text.substring(from)));
        }
    }

    /** How many of TTL and class have a column; lines of several have narrow ones. */
    private int shown() {
        return query.is(Switch.MULTILINE) ? 0
                : (query.is(Switch.TTLID) ? 1 : 0) + (query.is(Switch.CLASS) ? 1 : 0);
    }

    private int classColumn() {
        return shown() == 2 ? 32 : 24;
    }

    private int typeColumn() {
        return 24 + TAB * shown();
    }

    private int rdataColumn() {
        return 32 + TAB * shown();
    }

    /** Goes on in that column of a line, with tabs as far as they go; at least behind a blank. */
    private void column(int line, int column) {
        int from = 0;
        for (int i = line; i < out.length(); i++) {
            from = out.charAt(i) == '\t' ? (from / TAB + 1) * TAB : from + 1;
        }
        int to = Math.max(column, from + 1);
        int tabs = to / TAB - from / TAB;
        out.repeat('\t', tabs).repeat(' ', tabs > 0 ? to % TAB : to - from);
    }

    private String type(int type) {
        String name = query.is(Switch.UNKNOWNFORMAT) ? null : RecordType.name(type);
        return name == null ? "TYPE" + type : name;
    }

    private String recordClass(int code) {
        String name = query.is(Switch.UNKNOWNFORMAT) ? null : RecordClass.name(code);
        return name == null ? "CLASS" + code : name;
    }

    // ResourceRecord data

    /** Prints the data alone: its digits in groups, and in dig's words where it has others. */
    void data(ResourceRecord record) {
        rdata.setLength(0);
        if (query.is(Switch.UNKNOWNFORMAT)) {
            rdata.append("\\# ").append(record.rdataLength())
                    .append(record.rdataLength() > 0 ? " " : "");
            hex(rdata, record, "", 1);
            unknown(rdata.lastIndexOf(" ") + 1);
            return;
        }
        RecordText.printRdata(record, text.wrap(rdata));
        switch (record.type()) {
            case RecordType.LOC -> {
                // The altitude first: its cents are always told, the others' only below a metre.
                int behind = rdata.indexOf("m ") + 2;
                rdata.replace(behind, rdata.length(),
                        WHOLE.matcher(rdata.substring(behind)).replaceAll("$1m"));
            }
            case RecordType.AAAA -> {
                if (query.is(Switch.EXPANDAAAA)) {
                    rdata.setLength(0);
                    hex(rdata, record, ":", 2);
                }
            }
            case RecordType.TSIG -> {
                if (rdata.charAt(rdata.length() - 1) == '0') {
                    rdata.append(' '); // in front of the other data that there is not
                }
            }
            case RecordType.NID, RecordType.L64 ->
                    rdata.replace(0, rdata.length(), ZEROS.matcher(rdata).replaceAll(""));
            case RecordType.CERT -> {
                String name = Algorithm.name((int) record.number(Rdata.CERT_ALGORITHM));
                int end = rdata.lastIndexOf(" ");
                int at = rdata.lastIndexOf(" ", end - 1) + 1;
                rdata.replace(at, end, name == null ? rdata.substring(at, end) : name);
            }
            default -> { }
        }
        decode(rdata, 0);
        if (record.type() == RecordType.NSEC3) {
            nextHash();
            return;
        }
        int digits = rdata.lastIndexOf(" ") + 1;
        RdataLayout layout = record.layout();
        boolean isSplit = SPLIT.contains(layout.field(layout.count() - 1));
        if (!query.is(Switch.CRYPTO) && SECRETS.contains(record.type())) {
            isSplit = false;
            rdata.replace(digits, rdata.length(), KEYS.contains(record.type())
                    ? "[key id = " + keyTag(record) + "]" : "[omitted]");
        }
        if (isOnLines() && LINES.containsKey(record.type())) {
            lines(record, digits, isSplit ? group(LINE_WIDTH) : 0);
            return;
        }
        if (rdata.indexOf("\\# ") == 0) {
            unknown(digits);
            return;
        }
        out.append(rdata, 0, digits);
        groups(digits, isSplit ? group(56) : 0, " ");
        if (query.is(Switch.RRCOMMENTS) && KEYS.contains(record.type())) {
            comment(record, " ");
        }
    }

    /** Digits of any data: RFC 3597 5. */
    private void unknown(int digits) {
        boolean isOnLines = isOnLines() && digits > 3;
        out.append(rdata, 0, digits).append(isOnLines ? "( " : "");
        groups(digits, group(isOnLines ? LINE_WIDTH : 56), isOnLines ? NEXT_LINE : " ");
        out.append(isOnLines ? " )" : "");
    }

    private static void hex(StringBuilder to, ResourceRecord record, String between, int group) {
        boolean isUpper = group == 1;
        for (int i = 0; i < record.rdataLength(); i++) {
            String digits = HexFormat.of().toHexDigits(
                    record.buffer().getByte(record.rdataOffset() + i));
            to.append(i > 0 && i % group == 0 ? between : "")
                    .append(isUpper ? digits.toUpperCase(Locale.ROOT) : digits);
        }
    }

    /** Of the short answers none takes more than one line. */
    private boolean isOnLines() {
        return query.is(Switch.MULTILINE) && !query.is(Switch.SHORT);
    }

    private int group(int usual) {
        return query.splitWidth == LookupQuery.NONE ? usual : query.splitWidth;
    }

    /** What is left of the data, in groups of so many characters; 0: in one. */
    private void groups(int from, int width, String between) {
        for (int i = from; i < rdata.length();) {
            int end = width == 0 ? rdata.length() : Math.min(rdata.length(), i + width);
            out.append(i > from ? between : "").append(rdata, i, end);
            i = end;
        }
    }

    // Over several lines

    /** So many fields stay before the parenthesis; then others, and then the digits. */
    private void lines(ResourceRecord record, int digits, int width) {
        int before = LINES.get(record.type());
        int at = 0;
        for (int i = 0; i < before; i++) {
            at = rdata.indexOf(" ", at) + 1;
        }
        out.append(rdata, 0, at).append(before == 0 ? "( " : "(" + NEXT_LINE);
        if (digits > at) {
            out.append(rdata, at, digits - 1).append(NEXT_LINE);
        }
        boolean isExplained = KEYS.contains(record.type()) && query.isExplained();
        groups(digits, width, NEXT_LINE);
        out.append(isExplained ? NEXT_LINE + ")" : " )");
        if (isExplained) {
            comment(record, "");
        } else if (record.type() == RecordType.DHCID && record.rdataLength() > 2) {
            int data = record.rdataOffset();
            out.append(" ; ").append(record.buffer().getShort(data, BIG_ENDIAN) & 0xffff)
                    .append(' ').append(record.buffer().getByte(data + 2)).append(' ')
                    .append(record.rdataLength() - 3);
        }
    }

    /** Its letters are capitals; behind it, each window of types has a line (RFC 4034 4.1.2). */
    private void nextHash() {
        String[] words = rdata.toString().split(" ");
        String hash = words[4].toUpperCase(Locale.ROOT);
        out.append(String.join(" ", Arrays.copyOf(words, 4)));
        if (!isOnLines()) {
            out.append(' ').append(hash);
            for (int i = 5; i < words.length; i++) {
                out.append(' ').append(words[i]);
            }
            return;
        }
        out.append(" (").append(NEXT_LINE).append(hash);
        int window = -1;
        for (int i = 5; i < words.length; i++) {
            int own = RecordType.parse(words[i]) >>> Byte.SIZE;
            out.append(own == window ? " " : NEXT_LINE).append(words[i]);
            window = own;
        }
        out.append(" )");
    }

    private void comment(ResourceRecord record, String before) {
        long flags = record.number(Rdata.DNSKEY_FLAGS);
        int algorithm = (int) record.number(Rdata.DNSKEY_ALGORITHM);
        String name = Algorithm.name(algorithm);
        String kind = record.type() == RecordType.KEY || record.type() == RecordType.RKEY ? ""
                : (flags & SEP) == 0 ? " ; ZSK" : (flags & REVOKED) != 0 ? " ; revoked KSK"
                : " ; KSK";
        out.append(before).append(kind).append("; alg = ")
                .append(name == null ? "" + algorithm : name)
                .append(" ; key id = ").append(keyTag(record));
    }

    /** What a key is called by: RFC 4034, appendix B. */
    private static int keyTag(ResourceRecord record) {
        int sum = 0;
        for (int i = 0; i < record.rdataLength(); i++) {
            int octet = record.buffer().getByte(record.rdataOffset() + i) & 0xff;
            sum += i % 2 == 0 ? octet << 8 : octet;
        }
        return sum + (sum >>> 16) & 0xffff;
    }

    private void soa(ResourceRecord record) {
        NameText.append(out, record.buffer(), record.offset(Rdata.SOA_MNAME)).append(' ');
        NameText.append(out, record.buffer(), record.offset(Rdata.SOA_RNAME)).append(" (\n");
        String[] names = {"serial", "refresh", "retry", "expire", "minimum"};
        for (int i = 0; i < names.length; i++) {
            String number = String.valueOf(record.number(Rdata.SOA_SERIAL + i));
            out.append("\t\t\t\t").append(number).repeat(' ', Math.max(0, 10 - number.length()))
                    .append(" ; ").append(names[i]);
            if (i > 0) {
                LookupTime.append(out.append(" ("), record.number(Rdata.SOA_SERIAL + i), true);
                out.append(')');
            }
            out.append('\n');
        }
        out.append("\t\t\t\t)");
    }

    /** The question that a message has come to, with a blank between its parts. */
    String question(LookupQuery query, Message message) {
        this.query = query;
        int from = out.length();
        name(message.buffer(), message.questionName());
        return taken(from) + " " + recordClass(message.questionClass()) + " "
                + type(message.questionType());
    }

    /** A record, the same. */
    String line(LookupQuery query, ResourceRecord record) {
        this.query = query;
        int from = out.length();
        name(record.buffer(), record.owner());
        out.append(' ').append(record.ttl()).append(' ').append(recordClass(record.recordClass()))
                .append(' ').append(type(record.type())).append(' ');
        data(record);
        return taken(from);
    }

    /** What a message asks for, in dig's words. */
    String asked(Message message) {
        int from = out.length();
        NameText.append(out, message.buffer(), message.questionName());
        int end = out.length();
        if (end > from + 1) {
            out.setLength(end - 1); // without the last dot
        }
        return taken(from) + "/" + type(message.questionType()) + "/"
                + recordClass(message.questionClass());
    }

    private String taken(int from) {
        String text = out.substring(from);
        out.setLength(from);
        return text;
    }

    /** The data of every answer, a line each, and what is behind it. */
    void shorten(LookupQuery query, Message message, String behind) {
        this.query = query;
        message.seek(Section.ANSWER);
        while (message.nextRecord() && message.section() == Section.ANSWER) {
            if (query.is(Switch.NSSEARCH)) {
                out.append(type(message.record().type())).append(' ');
            }
            data(message.record());
            out.append(behind).append('\n');
        }
    }
}
