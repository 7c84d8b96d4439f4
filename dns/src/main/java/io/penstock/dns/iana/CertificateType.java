package io.penstock.dns.iana;

/**
 * The kinds of certificates in CERT records.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 * <b>See</b>: RFC 4398.
 */
public final class CertificateType {
    /** X.509. */
    public static final int PKIX = 1;
    /** An SPKI certificate. */
    public static final int SPKI = 2;
    /** An OpenPGP packet. */
    public static final int PGP = 3;
    /** The URL of an X.509 object. */
    public static final int IPKIX = 4;
    /** The URL of an SPKI certificate. */
    public static final int ISPKI = 5;
    /** The fingerprint and URL of an OpenPGP packet. */
    public static final int IPGP = 6;
    /** An attribute certificate. */
    public static final int ACPKIX = 7;
    /** The URL of an attribute certificate. */
    public static final int IACPKIX = 8;
    /** Private, named by a URI. */
    public static final int URI = 253;
    /** Private, named by an object identifier. */
    public static final int OID = 254;

    private static final Registry NAMES = new Registry(16)
            .add(PKIX, "PKIX")
            .add(SPKI, "SPKI")
            .add(PGP, "PGP")
            .add(IPKIX, "IPKIX")
            .add(ISPKI, "ISPKI")
            .add(IPGP, "IPGP")
            .add(ACPKIX, "ACPKIX")
            .add(IACPKIX, "IACPKIX")
            .add(URI, "URI")
            .add(OID, "OID");

    private CertificateType() {
    }

    /**
     * The name of a kind of certificate.
     *
     * @param code its number
     * @return its name, or null if it has none
     */
    public static String name(int code) {
        return NAMES.name(code);
    }

    /**
     * The number of a kind of certificate's name.
     *
     * @param name in any case, or its digits
     * @return its number, or -1 if there is none
     */
    public static int parse(CharSequence name) {
        return NAMES.code(name, "", 0xffff);
    }
}
