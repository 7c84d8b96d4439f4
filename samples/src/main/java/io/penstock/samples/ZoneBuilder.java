package io.penstock.samples;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RdataLayout;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.MessageWriter;
import io.penstock.dns.wire.Name;
import io.penstock.dns.wire.NameText;
import io.penstock.dns.wire.Rdata;
import io.penstock.dns.wire.ResourceRecord;
import io.penstock.dns.wire.Section;
import io.penstock.dns.wire.ZoneReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads a zone, and makes a {@link Zone} of it: every answer that depends on a name and a type
 * alone. Here names are strings, of one character an octet: their wire form in lower case.
 *
 * <p><b>Allocation</b>: this is set-up.
 */
final class ZoneBuilder {
    private static final String WILDCARD = "\1*";
    private static final String ANY_LABEL = "\1\0"; // stands for what a question has in front
    private static final int MAX_TARGET = 0x2000; // with what may lie in front, 14 bits hold it
    private static final int TTL_END = 8; // behind type, class and TTL
    private static final Set<Integer> SINGLE = Set.of(RecordType.CNAME, RecordType.DNAME);
    private static final Set<Integer> BESIDE_ALIAS = Set.of(RecordType.CNAME, RecordType.RRSIG,
            RecordType.NSEC, RecordType.KEY, RecordType.SIG, RecordType.NXT);
    private static final int LIST_HEAD = Zone.LIST_ENTRIES_OFFSET;

    private final Map<String, TreeMap<Integer, List<byte[]>>> owners = new HashMap<>();
    private final Map<String, Integer> lines = new HashMap<>(); // of owners' first records
    private final Map<String, Integer> nodes = new HashMap<>();
    private final MessageWriter writer = new MessageWriter();
    private final Message message = new Message();
    private final ResourceRecord record = new ResourceRecord();
    private final NativeBuffer scratch = NativeBuffer.allocate(Message.MAX_BYTES + 512);
    private final NativeBuffer single = NativeBuffer.allocate(Message.MAX_BYTES + 512);
    private final NativeBuffer name = NativeBuffer.allocate(Name.MAX_BYTES + 1);
    private NativeBuffer memory = NativeBuffer.allocate(1 << 16);
    private int used = Long.BYTES; // 0 is none
    private String apex;
    private int records;
    private int negative; // the answer that a name has no such type
    private int nonexistent; // the list for names that do not exist

    /** What is wrong with a zone; the message says where. */
    static final class BadZone extends Exception {
        private static final long serialVersionUID = 1;

        BadZone(String message) {
            super(message);
        }
    }

    /** Reads the text of a zone; what relative names end with may be null. */
    void read(NativeBuffer text, int length, NativeBuffer origin) throws BadZone {
        ZoneReader reader = new ZoneReader();
        reader.wrap(text, 0, length);
        if (origin != null) {
            reader.origin(origin, 0);
        }
        int rc = reader.next();
        for (; rc == ZoneReader.RECORD; rc = reader.next()) {
            add(reader.record(), reader);
        }
        if (rc < 0) {
            throw new BadZone(place(reader) + ReturnCode.describe(rc));
        }
        if (apex == null) {
            throw new BadZone(" no SOA record");
        }
        for (String owner : owners.keySet()) {
            if (!isWithin(owner, apex)) {
                throw new BadZone(lines.get(owner) + ":1: a record outside the zone: "
                        + text(owner));
            }
        }
    }

    private static String place(ZoneReader reader) {
        return reader.line() + ":" + reader.column() + ": ";
    }

    private void add(ResourceRecord r, ZoneReader at) throws BadZone {
        String owner = name(r.buffer(), r.owner());
        if (r.recordClass() != RecordClass.IN) {
            throw new BadZone(place(at) + "not of class IN");
        }
        if (r.type() == RecordType.SOA) {
            if (apex != null) {
                throw new BadZone(place(at) + "a second SOA record");
            }
            apex = owner;
        }
        byte[] bytes = new byte[r.rdataOffset() + r.rdataLength() - r.owner()];
        r.buffer().getBytes(r.owner(), bytes);
        TreeMap<Integer, List<byte[]>> sets =
                owners.computeIfAbsent(owner, o -> new TreeMap<>());
        List<byte[]> set = sets.computeIfAbsent(r.type(), t -> new ArrayList<>(1));
        int from = owner.length() + TTL_END; // neither letters' case nor TTL makes another record
        for (byte[] one : set) {
            if (Arrays.equals(one, from, one.length, bytes, from, bytes.length)) {
                return;
            }
        }
        set.add(bytes);
        lines.putIfAbsent(owner, at.line());
        records++;
        boolean isBeside = sets.containsKey(RecordType.CNAME)
                && sets.keySet().stream().anyMatch(type -> !BESIDE_ALIAS.contains(type));
        if (isBeside || set.size() > 1 && SINGLE.contains(r.type())) {
            throw new BadZone(place(at) + text(owner) + " has an alias, and something else");
        }
    }

    int records() {
        return records;
    }

    String apex() {
        return text(apex);
    }

    /** Makes the zone of what was read. */
    Zone build() throws BadZone {
        negative = answer(under(apex), this::writeSoa, HeaderFlag.AA, Zone.FINAL);
        nonexistent = list(Map.of(), answer(
                under(apex), this::writeSoa, HeaderFlag.AA | Rcode.NXDOMAIN, Zone.FINAL));
        List<String> visible = new ArrayList<>();
        for (String owner : owners.keySet()) {
            if (!isHidden(owner)) {
                visible.add(owner);
            }
        }
        for (String owner : visible) {
            node(owner);
            for (String above = owner; !above.equals(apex); above = parent(above)) {
                node(above); // though it may have no records (RFC 4592 2.2.2)
            }
        }
        for (String owner : visible) {
            fill(owner);
        }
        for (Map.Entry<String, Integer> entry : nodes.entrySet()) {
            int self = entry.getValue() + Zone.SELF_OFFSET;
            if (memory.getInt(self) == 0) {
                int list = list(Map.of(), negative);
                memory.putInt(self, list);
            }
        }
        return new Zone(memory, table(), apex.length(), nonexistent);
    }

    private void fill(String owner) throws BadZone {
        TreeMap<Integer, List<byte[]>> sets = owners.get(owner);
        int node = nodes.get(owner);
        if (isCut(owner)) {
            int list = list(delegated(owner), referral(owner));
            memory.putInt(node + Zone.SELF_OFFSET, list);
            memory.putInt(node + Zone.BELOW_OFFSET, list(Map.of(), referral(owner)));
            return;
        }
        int list = answers(owner, owner);
        memory.putInt(node + Zone.SELF_OFFSET, list);
        if (sets.containsKey(RecordType.DNAME)) {
            int below = list(Map.of(), dname(owner));
            memory.putInt(node + Zone.BELOW_OFFSET, below);
        } else if (owner.startsWith(WILDCARD) && !isAbove(owner)) {
            String encloser = parent(owner);
            int below = answers(owner, under(encloser));
            memory.putInt(nodes.get(encloser) + Zone.BELOW_OFFSET, below);
        }
    }

    /** A wildcard whose parent has a DNAME does nothing. */
    private boolean isAbove(String wildcard) {
        return has(parent(wildcard), RecordType.DNAME);
    }

    private Map<Integer, Integer> delegated(String owner) throws BadZone {
        boolean isSigned = has(owner, RecordType.DS);
        return Map.of(RecordType.DS, isSigned ? set(owner, owner, RecordType.DS) : negative);
    }

    /** What is answered to each type with the records of an owner, for questions of a name. */
    private int answers(String owner, String question) throws BadZone {
        Map<Integer, Integer> byType = new TreeMap<>();
        for (int type : owners.get(owner).keySet()) {
            byType.put(type, set(owner, question, type));
        }
        int other = byType.containsKey(RecordType.CNAME) ? alias(owner, question) : negative;
        // One of the sets is enough of an answer to ANY (RFC 8482 4.1).
        Integer first = byType.get(RecordType.CNAME);
        byType.put(RecordType.ANY, first != null ? first : byType.values().iterator().next());
        return list(byType, other);
    }

    // Answers

    private interface Body {
        void write(String question) throws BadZone;
    }

    private int set(String owner, String question, int type) throws BadZone {
        return answer(question, q -> {
            writer.section(Section.ANSWER);
            write(owner, q, type);
        }, HeaderFlag.AA, Zone.FINAL);
    }

    /** An alias, and its target without pointers, so that the next step can read it. */
    private int alias(String owner, String question) throws BadZone {
        ResourceRecord r = wrap(owners.get(owner).get(RecordType.CNAME).getFirst());
        int length = r.rdataLength();
        boolean isHere = isWithin(name(r.buffer(), r.rdataOffset()), apex);
        if (!isHere) {
            return set(owner, question, RecordType.CNAME);
        }
        return answer(question, q -> {
            writer.section(Section.ANSWER);
            put(q);
            ResourceRecord cname = wrap(owners.get(owner).get(RecordType.CNAME).getFirst());
            writer.begin(name, 0, RecordType.CNAME, RecordClass.IN, (int) cname.ttl());
            check(writer.bytes(cname.buffer(), cname.rdataOffset(), length).end());
        }, HeaderFlag.AA, length << 8 | Zone.ALIAS);
    }

    /** The record, and behind the answer what aliases are made of. */
    private int dname(String owner) throws BadZone {
        int made = answer(under(owner), q -> {
            writer.section(Section.ANSWER);
            write(owner, owner, RecordType.DNAME);
        }, HeaderFlag.AA, Zone.DNAME);
        ResourceRecord r = wrap(owners.get(owner).get(RecordType.DNAME).getFirst());
        int at = take(Long.BYTES + r.rdataLength());
        memory.putInt(at, (int) r.ttl());
        memory.putInt(at + Integer.BYTES, r.rdataLength());
        memory.putBytes(at + Long.BYTES, r.buffer(), r.rdataOffset(), r.rdataLength());
        return made;
    }

    private int referral(String owner) throws BadZone {
        return answer(under(owner), q -> {
            writer.section(Section.AUTHORITY);
            write(owner, owner, RecordType.NS);
            writer.section(Section.ADDITIONAL);
            for (byte[] ns : owners.get(owner).get(RecordType.NS)) {
                ResourceRecord r = wrap(ns);
                String host = name(r.buffer(), r.rdataOffset());
                for (int type : new int[] {RecordType.A, RecordType.AAAA}) {
                    if (has(host, type)) {
                        write(host, host, type);
                    }
                }
            }
        }, 0, Zone.FINAL);
    }

    /** That there is no such thing, and for how long (RFC 2308 3). */
    private void writeSoa(String question) throws BadZone {
        writer.section(Section.AUTHORITY);
        byte[] bytes = owners.get(apex).get(RecordType.SOA).getFirst().clone();
        ResourceRecord r = wrap(bytes);
        long ttl = Math.min(r.ttl(), r.number(Rdata.SOA_MINIMUM));
        single.putInt(r.rdataOffset() - 6, (int) ttl, BIG_ENDIAN);
        check(writer.record(r));
    }

    /** Writes the records of a type, as if they were a name's. */
    private void write(String owner, String as, int type) throws BadZone {
        long ttl = -1;
        for (byte[] bytes : owners.get(owner).get(type)) {
            // Whatever its letters were: so an owner is the name that was asked for.
            byte[] own = new byte[bytes.length - owner.length() + as.length()];
            System.arraycopy(as.getBytes(StandardCharsets.ISO_8859_1), 0, own, 0, as.length());
            System.arraycopy(bytes, owner.length(), own, as.length(),
                    bytes.length - owner.length());
            ResourceRecord r = wrap(own);
            ttl = ttl < 0 ? r.ttl() : ttl; // one for all of a set (RFC 2181 5.2)
            single.putInt(r.rdataOffset() - 6, (int) ttl, BIG_ENDIAN);
            check(writer.record(r));
        }
    }

    private static void check(int rc) throws BadZone {
        if (rc < 0) {
            throw new BadZone("an answer that is too long: " + ReturnCode.describe(rc));
        }
    }

    /** Writes an answer, and keeps what is behind the question. */
    private int answer(String question, Body body, int flags, int mode) throws BadZone {
        writer.wrap(scratch, 0, Message.MAX_BYTES);
        put(question);
        writer.question(name, 0, RecordType.A, RecordClass.IN);
        body.write(question);
        int length = writer.finish();
        int from = Message.HEADER_BYTES + question.length() + 4;
        List<Integer> pointers = pointers(length, from);
        int head = Zone.POINTER_LIST_OFFSET + 2 * pointers.size() + 7 & -8;
        int at = take(head + length - from);
        memory.putInt(at, length - from);
        memory.putShort(at + Zone.FLAGS_OFFSET, (short) flags);
        memory.putShort(at + Zone.NAME_LENGTH_OFFSET, (short) question.length());
        memory.putLong(at + Zone.COUNTS_OFFSET, scratch.getLong(4));
        memory.putInt(at + Zone.MODE_OFFSET, mode);
        memory.putShort(at + Zone.POINTERS_OFFSET, (short) pointers.size());
        for (int i = 0; i < pointers.size(); i++) {
            memory.putShort(at + Zone.POINTER_LIST_OFFSET + 2 * i,
                    (short) (pointers.get(i) - from));
        }
        memory.putBytes(at + head, scratch, from, length - from);
        return at;
    }

    private List<Integer> pointers(int length, int from) throws BadZone {
        List<Integer> pointers = new ArrayList<>();
        check(message.wrap(scratch, 0, length));
        int owner = from; // as it stands there: the record's is past its pointer
        while (message.nextRecord()) {
            ResourceRecord r = message.record();
            note(owner, pointers);
            owner = r.rdataOffset() + r.rdataLength();
            RdataLayout layout = r.layout();
            for (int i = 0; i < layout.count() && r.rdataLength() > 0; i++) {
                if (layout.field(i).isName()) {
                    note(r.offset(i), pointers);
                }
            }
        }
        return pointers;
    }

    private void note(int name, List<Integer> pointers) throws BadZone {
        int at = name;
        while (scratch.getByte(at) > 0) {
            at += scratch.getByte(at) + 1;
        }
        if (scratch.getByte(at) < 0) {
            if ((scratch.getShort(at, BIG_ENDIAN) & 0x3fff) >= MAX_TARGET) {
                throw new BadZone("a set of records that is too long");
            }
            pointers.add(at);
        }
    }

    // Memory

    private int list(Map<Integer, Integer> byType, int other) {
        int at = take(LIST_HEAD + Long.BYTES * byType.size());
        memory.putInt(at, byType.size());
        memory.putInt(at + Zone.LIST_DEFAULT_OFFSET, other);
        int entry = at + LIST_HEAD;
        for (Map.Entry<Integer, Integer> e : byType.entrySet()) {
            memory.putInt(entry, e.getKey());
            memory.putInt(entry + Integer.BYTES, e.getValue());
            entry += Long.BYTES;
        }
        return at;
    }

    private void node(String owner) {
        if (!nodes.containsKey(owner)) {
            int at = take(Zone.KEY_OFFSET + owner.length());
            memory.putInt(at + Zone.KEY_LENGTH_OFFSET, owner.length());
            memory.putBytes(at + Zone.KEY_OFFSET, owner.getBytes(StandardCharsets.ISO_8859_1));
            nodes.put(owner, at);
        }
    }

    private NativeBuffer table() {
        int slots = Integer.highestOneBit(Math.max(4, 4 * nodes.size()));
        NativeBuffer table = NativeBuffer.allocate(slots * Integer.BYTES);
        for (int node : nodes.values()) {
            int slot = Zone.hash(memory, node + Zone.KEY_OFFSET,
                    memory.getInt(node + Zone.KEY_LENGTH_OFFSET)) & slots - 1;
            while (table.getInt(slot * Integer.BYTES) != 0) {
                slot = slot + 1 & slots - 1;
            }
            table.putInt(slot * Integer.BYTES, node);
        }
        return table;
    }

    /** Zeroed memory at a multiple of 8, with 8 octets to spare behind it. */
    private int take(int bytes) {
        int at = used;
        used = Math.addExact(at, bytes + 7 & -8);
        if (used + Long.BYTES > memory.capacity()) {
            NativeBuffer larger = NativeBuffer.allocate(
                    Math.max(Math.multiplyExact(memory.capacity(), 2), used + Long.BYTES));
            larger.putBytes(0, memory, 0, at);
            memory = larger;
        }
        return at;
    }

    // Names

    private boolean has(String owner, int type) {
        TreeMap<Integer, List<byte[]>> sets = owners.get(owner);
        return sets != null && sets.containsKey(type);
    }

    private boolean isCut(String owner) {
        return !owner.equals(apex) && has(owner, RecordType.NS);
    }

    /** Below a delegation or a DNAME. */
    private boolean isHidden(String owner) {
        boolean isHidden = false;
        for (String above = owner; !above.equals(apex) && !isHidden;) {
            above = parent(above);
            isHidden = isCut(above) || has(above, RecordType.DNAME);
        }
        return isHidden;
    }

    /** A name that stands for any below that one; itself if no name fits below. */
    private static String under(String owner) {
        return owner.length() + 2 > Name.MAX_BYTES ? owner : ANY_LABEL + owner;
    }

    private static String parent(String owner) {
        return owner.substring(owner.charAt(0) + 1);
    }

    private static boolean isWithin(String owner, String above) {
        String at = owner;
        while (at.length() > above.length()) {
            at = parent(at);
        }
        return at.equals(above);
    }

    private String name(NativeBuffer b, int offset) {
        NativeBuffer copy = name;
        int length = Name.copy(b, offset, copy, 0, Name.MAX_BYTES);
        StringBuilder out = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            int c = copy.getByte(i) & 0xff;
            out.append((char) (c >= 'A' && c <= 'Z' ? c | 0x20 : c));
        }
        return out.toString();
    }

    private void put(String text) {
        name.putBytes(0, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String text(String owner) {
        put(owner);
        return NameText.append(new StringBuilder(), name, 0).toString();
    }

    private ResourceRecord wrap(byte[] bytes) throws BadZone {
        single.putBytes(0, bytes);
        int rc = record.wrap(single, 0, bytes.length);
        if (rc < 0) {
            throw new BadZone(ReturnCode.describe(rc));
        }
        return record;
    }
}
