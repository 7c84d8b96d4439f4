package io.penstock.core.metrics;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The type of a block: a name, and for each field, in order, its name, its unit and its kind, which
 * is counter, gauge or maximum. Immutable; made once, when a class is loaded.
 *
 * <pre>{@code
 *   static final MetricsType TYPE = MetricsType.named("cache")
 *           .counter("hits", "{hit}").gauge("held_bytes", "By").maximum("wait_max", "ns").build();
 * }</pre>
 *
 * <p>In a region's type table:
 *
 * <pre>
 *    0 +---------------------------+      a field, 64 bytes:
 *      | count of fields, int      |       0  kind, a byte: 0 counter, 1 gauge, 2 maximum
 *    4 | name's length, int        |       1  name's length, a byte
 *    8 | name, ASCII, 40 bytes     |       2  unit's length, a byte
 *   64 +---------------------------+       4  name, ASCII, 40 bytes
 *      | fields, 64 bytes each     |      44  unit, ASCII, 20 bytes
 *      +---------------------------+
 * </pre>
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: set-up only.
 */
public final class MetricsType {
    /** The kind of a field, which says how its values of several blocks add up. */
    public enum Kind {
        /** Only grows; a total is the sum. */
        COUNTER,
        /** Goes up and down; a total is the sum over live blocks. */
        GAUGE,
        /** The largest value that occurred; a total is the largest of all. */
        MAXIMUM
    }

    static final int ENTRY_HEADER_BYTES = 64;
    static final int FIELD_BYTES = 64;

    private static final int MAX_NAME = 40;
    private static final int MAX_UNIT = 20;
    private static final int NAME_LENGTH_OFFSET = 4;
    private static final int NAME_OFFSET = 8;
    private static final int FIELD_NAME_LENGTH_OFFSET = 1;
    private static final int FIELD_UNIT_LENGTH_OFFSET = 2;
    private static final int FIELD_NAME_OFFSET = 4;
    private static final int FIELD_UNIT_OFFSET = 44;
    private static final Kind[] KINDS = Kind.values();

    private record Field(String name, String unit, Kind kind) {
    }

    private final String name;
    private final List<Field> fields;
    private final Kind[] kinds; // of the fields, in an array because folds and reads use it often

    private MetricsType(String name, List<Field> fields) {
        this.name = name;
        this.fields = fields;
        kinds = fields.stream().map(Field::kind).toArray(Kind[]::new);
    }

    /**
     * Begins a type.
     *
     * @param name the type's name: 1 to 40 characters of printable ASCII
     * @return a builder, which takes the fields
     */
    public static Builder named(String name) {
        return new Builder(name);
    }

    /**
     * The type's name.
     *
     * @return such as {@code "stream"}
     */
    public String name() {
        return name;
    }

    /**
     * How many fields a block of this type has.
     *
     * @return the count
     */
    public int fields() {
        return kinds.length;
    }

    /**
     * A field's name.
     *
     * @param field index, from 0
     * @return such as {@code "read_bytes"}
     */
    public String field(int field) {
        return fields.get(field).name;
    }

    /**
     * A field's unit.
     *
     * @param field index, from 0
     * @return in UCUM, such as {@code "By"}, {@code "ns"} or {@code "{call}"}
     */
    public String unit(int field) {
        return fields.get(field).unit;
    }

    /**
     * How a field's values add up.
     *
     * @param field index, from 0
     * @return the kind
     */
    public Kind kind(int field) {
        return kinds[field];
    }

    /** The kinds of all fields; the caller must not change the array. */
    Kind[] kinds() {
        return kinds;
    }

    /**
     * The index of a field.
     *
     * @param field the field's name
     * @return from 0, or -1 if there is none of that name
     */
    public int indexOf(String field) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).name.equals(field)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * The offset of a field from the block's first field.
     *
     * @param field the field's name; a name that is not this type's is misuse, and throws
     * @return the offset in bytes
     */
    public int offset(String field) {
        int index = indexOf(field);
        if (index < 0) {
            throw new IllegalArgumentException(name + " has no field " + field);
        }
        return index * Long.BYTES;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MetricsType type
                && name.equals(type.name) && fields.equals(type.fields);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + fields.hashCode();
    }

    @Override
    public String toString() {
        return name + fields;
    }

    /** Writes the entry of a type table. */
    void write(MutableDirectBuffer buffer, int offset) {
        buffer.putInt(offset, fields.size());
        buffer.putInt(offset + NAME_LENGTH_OFFSET, name.length());
        putAscii(buffer, offset + NAME_OFFSET, name);
        int at = offset + ENTRY_HEADER_BYTES;
        for (Field field : fields) {
            buffer.putByte(at, (byte) field.kind.ordinal());
            buffer.putByte(at + FIELD_NAME_LENGTH_OFFSET, (byte) field.name.length());
            buffer.putByte(at + FIELD_UNIT_LENGTH_OFFSET, (byte) field.unit.length());
            putAscii(buffer, at + FIELD_NAME_OFFSET, field.name);
            putAscii(buffer, at + FIELD_UNIT_OFFSET, field.unit);
            at += FIELD_BYTES;
        }
    }

    /** Reads an entry of a type table that may hold anything; null if the entry is malformed. */
    static MetricsType read(DirectBuffer buffer, int offset, int maxFields) {
        int count = buffer.getInt(offset);
        String name = ascii(buffer, offset + NAME_OFFSET,
                buffer.getInt(offset + NAME_LENGTH_OFFSET), MAX_NAME);
        if (name == null || count < 1 || count > maxFields) {
            return null;
        }
        Builder builder = new Builder(name);
        for (int at = offset + ENTRY_HEADER_BYTES; count > 0; count--, at += FIELD_BYTES) {
            int kind = buffer.getByte(at);
            String field = ascii(buffer, at + FIELD_NAME_OFFSET,
                    buffer.getByte(at + FIELD_NAME_LENGTH_OFFSET), MAX_NAME);
            String unit = ascii(buffer, at + FIELD_UNIT_OFFSET,
                    buffer.getByte(at + FIELD_UNIT_LENGTH_OFFSET), MAX_UNIT);
            if (field == null || unit == null || kind < 0 || kind >= KINDS.length) {
                return null;
            }
            builder.fields.add(new Field(field, unit, KINDS[kind]));
        }
        return builder.build();
    }

    private static void putAscii(MutableDirectBuffer buffer, int offset, String text) {
        for (int i = 0; i < text.length(); i++) {
            buffer.putByte(offset + i, (byte) text.charAt(i));
        }
    }

    private static String ascii(DirectBuffer buffer, int offset, int length, int most) {
        if (length < 1 || length > most) {
            return null;
        }
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char c = (char) (buffer.getByte(offset + i) & 0xff);
            if (!isPrintable(c)) {
                return null;
            }
            text.append(c);
        }
        return text.toString();
    }

    static boolean isPrintable(char c) {
        return c >= ' ' && c <= '~';
    }

    /** Takes a type's fields, in the order that they have in a block. */
    public static final class Builder {
        private final String name;
        private final List<Field> fields = new ArrayList<>();

        private Builder(String name) {
            this.name = checked(name, MAX_NAME);
        }

        /**
         * Adds a field that only grows.
         *
         * @param field its name: 1 to 40 characters of printable ASCII
         * @param unit its unit, in UCUM: 1 to 20 characters
         * @return this
         */
        public Builder counter(String field, String unit) {
            return add(field, unit, Kind.COUNTER);
        }

        /**
         * Adds a field that goes up and down.
         *
         * @param field its name: 1 to 40 characters of printable ASCII
         * @param unit its unit, in UCUM: 1 to 20 characters
         * @return this
         */
        public Builder gauge(String field, String unit) {
            return add(field, unit, Kind.GAUGE);
        }

        /**
         * Adds a field that keeps a maximum.
         *
         * @param field its name: 1 to 40 characters of printable ASCII
         * @param unit its unit, in UCUM: 1 to 20 characters
         * @return this
         */
        public Builder maximum(String field, String unit) {
            return add(field, unit, Kind.MAXIMUM);
        }

        /**
         * Makes the type, of at least one field.
         *
         * @return the type
         */
        public MetricsType build() {
            if (fields.isEmpty()) {
                throw new IllegalArgumentException(name + " has no field");
            }
            return new MetricsType(name, List.copyOf(fields));
        }

        private Builder add(String field, String unit, Kind kind) {
            fields.add(new Field(checked(field, MAX_NAME), checked(unit, MAX_UNIT), kind));
            return this;
        }

        private static String checked(String text, int most) {
            boolean good = !text.isEmpty() && text.length() <= most;
            for (int i = 0; good && i < text.length(); i++) {
                good = isPrintable(text.charAt(i));
            }
            if (!good) {
                throw new IllegalArgumentException("not 1 to " + most + " of ASCII: " + text);
            }
            return text;
        }
    }
}
