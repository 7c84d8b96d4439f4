package io.penstock.dns.iana;

/**
 * The algorithms of DNSSEC.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 * <b>See</b>: RFC 4034, the IANA registry "DNS Security Algorithm Numbers".
 */
public final class Algorithm {
    /** RSA with MD5; must not be used. */
    public static final int RSAMD5 = 1;
    /** Diffie-Hellman. */
    public static final int DH = 2;
    /** DSA with SHA-1; must not be used. */
    public static final int DSA = 3;
    /** RSA with SHA-1. */
    public static final int RSASHA1 = 5;
    /** DSA with SHA-1, in zones with NSEC3. */
    public static final int DSA_NSEC3_SHA1 = 6;
    /** RSA with SHA-1, in zones with NSEC3. */
    public static final int RSASHA1_NSEC3_SHA1 = 7;
    /** RSA with SHA-256. */
    public static final int RSASHA256 = 8;
    /** RSA with SHA-512. */
    public static final int RSASHA512 = 10;
    /** GOST R 34.10-2001. */
    public static final int ECC_GOST = 12;
    /** ECDSA on P-256 with SHA-256. */
    public static final int ECDSAP256SHA256 = 13;
    /** ECDSA on P-384 with SHA-384. */
    public static final int ECDSAP384SHA384 = 14;
    /** Ed25519. */
    public static final int ED25519 = 15;
    /** Ed448. */
    public static final int ED448 = 16;
    /** The key is elsewhere. */
    public static final int INDIRECT = 252;
    /** Private, named by a domain name. */
    public static final int PRIVATEDNS = 253;
    /** Private, named by an object identifier. */
    public static final int PRIVATEOID = 254;

    private static final Registry NAMES = new Registry(32)
            .add(RSAMD5, "RSAMD5")
            .add(DH, "DH")
            .add(DSA, "DSA")
            .add(RSASHA1, "RSASHA1")
            .add(DSA_NSEC3_SHA1, "DSA-NSEC3-SHA1")
            .add(RSASHA1_NSEC3_SHA1, "RSASHA1-NSEC3-SHA1")
            .add(RSASHA256, "RSASHA256")
            .add(RSASHA512, "RSASHA512")
            .add(ECC_GOST, "ECC-GOST")
            .add(ECDSAP256SHA256, "ECDSAP256SHA256")
            .add(ECDSAP384SHA384, "ECDSAP384SHA384")
            .add(ED25519, "ED25519")
            .add(ED448, "ED448")
            .add(INDIRECT, "INDIRECT")
            .add(PRIVATEDNS, "PRIVATEDNS")
            .add(PRIVATEOID, "PRIVATEOID");

    private Algorithm() {
    }

    /**
     * The name of an algorithm.
     *
     * @param code its number
     * @return its name, or null if it has none
     */
    public static String name(int code) {
        return NAMES.name(code);
    }

    /**
     * The number of an algorithm's name.
     *
     * @param name in any case, or its digits
     * @return its number, or -1 if there is none
     */
    public static int parse(CharSequence name) {
        return NAMES.code(name, "", 255);
    }
}
