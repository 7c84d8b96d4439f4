package io.penstock.dns.iana;

/**
 * The fields of a type's record data, in order. Checking, compressing, printing
 * and parsing all go by it.
 *
 * <p><b>Threading</b>: any; immutable. <b>Allocation</b>: none.
 */
public final class RdataLayout {
    private final RdataField[] fields;
    private final int[] offsets;
    private final int bytes;
    private final int firstName;
    private final int lastName;
    private final boolean isCompressed;

    RdataLayout(RdataField... fields) {
        this.fields = fields;
        offsets = new int[fields.length];
        int at = 0;
        int name = -1;
        boolean compressed = false;
        for (int i = 0; i < fields.length; i++) {
            offsets[i] = at;
            at = at < 0 || fields[i].bytes() < 0 ? -1 : at + fields[i].bytes();
            compressed |= fields[i] == RdataField.COMPRESSED_NAME;
            boolean isName = fields[i].isName() || fields[i] == RdataField.HIP
                    || fields[i] == RdataField.GATEWAY || fields[i] == RdataField.RELAY;
            name = name < 0 && isName ? i : name;
        }
        bytes = at;
        firstName = name;
        isCompressed = compressed;
        int last = fields.length - 1;
        lastName = fields[last].isName() ? offsets[last] : -1;
    }

    /**
     * How many fields there are.
     *
     * @return that
     */
    public int count() {
        return fields.length;
    }

    /**
     * A field.
     *
     * @param index 0 for the first
     * @return what it is
     */
    public RdataField field(int index) {
        return fields[index];
    }

    /**
     * Where a field begins, in octets from the start of the record data.
     *
     * @param index 0 for the first
     * @return that, or -1 if it depends on the fields before it
     */
    public int offset(int index) {
        return offsets[index];
    }

    /**
     * How many octets all fields take.
     *
     * @return that, or -1 if it depends
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Whether the names in it are to be written compressed.
     *
     * @return true for the types of RFC 1035
     */
    public boolean isCompressed() {
        return isCompressed;
    }

    /**
     * Whether there may be names in it, which pointers could shorten.
     *
     * @return whether there may
     */
    public boolean hasNames() {
        return firstName >= 0;
    }

    /**
     * The first field that is a name, or may be one. Others may follow it at once; what is behind
     * them has no more of them.
     *
     * @return its index, or -1 if there are no names
     */
    public int firstName() {
        return firstName;
    }

    /**
     * Where the name begins that is the end of the data, if what is before it always has the same
     * length: so it is with most types that have names.
     *
     * @return the octets before it, or -1 if there is no such name
     */
    public int lastName() {
        return lastName;
    }
}
