package io.penstock.dns.iana;

/**
 * A field of record data: its length, how it is checked, and how it is written as text. The
 * layout of a type is a row of these.
 */
public enum RdataField {
    /** A number of 8 bits. */
    U8(1),
    /** A number of 16 bits. */
    U16(2),
    /** A number of 32 bits. */
    U32(4),
    /** Seconds since 1970 in 48 bits. */
    U48(6),
    /** A span of time in seconds, 32 bits; as text also {@code 1h30m}. */
    PERIOD(4),
    /** A point in time, 32 bits of seconds; as text {@code YYYYMMDDHHmmSS}. */
    TIME(4),
    /** A record type, 16 bits. */
    TYPE(2),
    /** A DNSSEC algorithm, 8 bits. */
    ALGORITHM(1),
    /** The kind of a certificate, 16 bits. */
    CERTIFICATE_TYPE(2),
    /** A response code, 16 bits. */
    RCODE(2),
    /** An IPv4 address. */
    IPV4(4),
    /** An IPv6 address. */
    IPV6(16),
    /** A MAC address of 48 bits. */
    EUI48(6),
    /** A MAC address of 64 bits. */
    EUI64(8),
    /** A node identifier or locator (RFC 6742): four groups of hexadecimal digits. */
    LOCATOR64(8),
    /** A place on earth (RFC 1876). */
    LOCATION(16),
    /** A name that may be compressed, for its type stands in RFC 1035. */
    COMPRESSED_NAME,
    /** A name that is never written compressed (RFC 3597); a compressed one is understood. */
    NAME,
    /** A string of up to 255 octets behind its length. */
    STRING,
    /** A string, or nothing. */
    OPTIONAL_STRING,
    /** One or more strings, up to the end. */
    STRINGS,
    /** A word of letters and digits behind its length. */
    TAG,
    /** One string without a length, up to the end. */
    TEXT,
    /** Octets up to the end, as hexadecimal digits. */
    HEX,
    /** Octets up to the end, as hexadecimal digits behind {@code 0x}. */
    NSAP,
    /** Octets up to the end, in base 64. */
    BASE64,
    /** Octets behind a length of 8 bits, as hexadecimal digits or {@code -}. */
    HEX_8,
    /** Octets behind a length of 8 bits, in base 32 with extended hexadecimal digits. */
    BASE32_8,
    /** Octets behind a length of 16 bits, in base 64, the length in front. */
    BASE64_16,
    /** A set of record types (RFC 4034, section 4.1.2), up to the end. */
    TYPES,
    /** A list of address prefixes (RFC 3123), up to the end. */
    PREFIXES,
    /** The parameters of a service (RFC 9460), up to the end. */
    SVC_PARAMS,
    /** EDNS options, up to the end. */
    OPTIONS,
    /** All of a HIP record (RFC 8005). */
    HIP,
    /** A gateway whose kind the second octet of the record data says (RFC 4025). */
    GATEWAY,
    /** A relay behind a bit and its kind (RFC 8777). */
    RELAY,
    /** Octets that nothing is known of, as RFC 3597 writes them. */
    OPAQUE;

    private final int bytes;

    RdataField() {
        this(-1);
    }

    RdataField(int bytes) {
        this.bytes = bytes;
    }

    /**
     * How many octets it takes.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @return that, or -1 if it depends
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Whether it is a name, of either kind.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @return true for a name
     */
    public boolean isName() {
        return this == NAME || this == COMPRESSED_NAME;
    }
}
