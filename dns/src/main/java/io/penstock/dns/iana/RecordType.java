package io.penstock.dns.iana;

import static io.penstock.dns.iana.RdataField.*;

/**
 * The types of records: their numbers, names, and what their data is made of.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 * <b>See</b>: RFC 1035, RFC 3597, the IANA registry "Resource Record (RR) TYPEs".
 */
public final class RecordType {
    /** An IPv4 address (RFC 1035). */
    public static final int A = 1;
    /** A name server (RFC 1035). */
    public static final int NS = 2;
    /** A mail destination; obsolete (RFC 1035). */
    public static final int MD = 3;
    /** A mail forwarder; obsolete (RFC 1035). */
    public static final int MF = 4;
    /** The name that this one is an alias of (RFC 1035). */
    public static final int CNAME = 5;
    /** The start of a zone of authority (RFC 1035). */
    public static final int SOA = 6;
    /** A mailbox (RFC 1035). */
    public static final int MB = 7;
    /** A member of a mail group (RFC 1035). */
    public static final int MG = 8;
    /** The new name of a mailbox (RFC 1035). */
    public static final int MR = 9;
    /** Anything (RFC 1035). */
    public static final int NULL = 10;
    /** Well-known services; obsolete (RFC 1035). */
    public static final int WKS = 11;
    /** A pointer to a name (RFC 1035). */
    public static final int PTR = 12;
    /** A host's processor and system (RFC 1035, RFC 8482). */
    public static final int HINFO = 13;
    /** The mailbox of the person in charge (RFC 1035). */
    public static final int MINFO = 14;
    /** A mail exchange (RFC 1035). */
    public static final int MX = 15;
    /** Text (RFC 1035). */
    public static final int TXT = 16;
    /** A responsible person (RFC 1183). */
    public static final int RP = 17;
    /** An AFS database (RFC 1183). */
    public static final int AFSDB = 18;
    /** An X.25 address (RFC 1183). */
    public static final int X25 = 19;
    /** An ISDN address (RFC 1183). */
    public static final int ISDN = 20;
    /** A route through (RFC 1183). */
    public static final int RT = 21;
    /** A network service access point (RFC 1706). */
    public static final int NSAP = 22;
    /** The name of an access point (RFC 1706). */
    public static final int NSAP_PTR = 23;
    /** A signature, as in SIG(0) (RFC 2931). */
    public static final int SIG = 24;
    /** A public key (RFC 2535). */
    public static final int KEY = 25;
    /** A mail mapping of X.400 (RFC 2163). */
    public static final int PX = 26;
    /** A geographical position (RFC 1712). */
    public static final int GPOS = 27;
    /** An IPv6 address (RFC 3596). */
    public static final int AAAA = 28;
    /** A place on earth (RFC 1876). */
    public static final int LOC = 29;
    /** The next name; obsolete (RFC 2535). */
    public static final int NXT = 30;
    /** Where a service is (RFC 2782). */
    public static final int SRV = 33;
    /** An ATM address. */
    public static final int ATMA = 34;
    /** A naming authority pointer (RFC 3403). */
    public static final int NAPTR = 35;
    /** A key exchanger (RFC 2230). */
    public static final int KX = 36;
    /** A certificate (RFC 4398). */
    public static final int CERT = 37;
    /** An IPv6 address in parts; historic (RFC 2874). */
    public static final int A6 = 38;
    /** The name that the names below are aliases under (RFC 6672). */
    public static final int DNAME = 39;
    /** A kitchen sink. */
    public static final int SINK = 40;
    /** The EDNS pseudo-record (RFC 6891). */
    public static final int OPT = 41;
    /** A list of address prefixes (RFC 3123). */
    public static final int APL = 42;
    /** The digest of a child zone's key (RFC 4034). */
    public static final int DS = 43;
    /** The fingerprint of an SSH key (RFC 4255). */
    public static final int SSHFP = 44;
    /** A key for IPsec (RFC 4025). */
    public static final int IPSECKEY = 45;
    /** A signature of a record set (RFC 4034). */
    public static final int RRSIG = 46;
    /** The next name, and the types at this one (RFC 4034). */
    public static final int NSEC = 47;
    /** A zone's public key (RFC 4034). */
    public static final int DNSKEY = 48;
    /** The identity of a DHCP client (RFC 4701). */
    public static final int DHCID = 49;
    /** The next name, hashed (RFC 5155). */
    public static final int NSEC3 = 50;
    /** How names are hashed (RFC 5155). */
    public static final int NSEC3PARAM = 51;
    /** A certificate of a TLS server (RFC 6698). */
    public static final int TLSA = 52;
    /** A certificate for mail (RFC 8162). */
    public static final int SMIMEA = 53;
    /** A host identity (RFC 8005). */
    public static final int HIP = 55;
    /** The status of a zone. */
    public static final int NINFO = 56;
    /** A key to encrypt records with. */
    public static final int RKEY = 57;
    /** A link between trust anchors. */
    public static final int TALINK = 58;
    /** The DS that a child asks its parent for (RFC 7344). */
    public static final int CDS = 59;
    /** The key that a child wants a DS of (RFC 7344). */
    public static final int CDNSKEY = 60;
    /** An OpenPGP key (RFC 7929). */
    public static final int OPENPGPKEY = 61;
    /** The records that a parent copies from the child (RFC 7477). */
    public static final int CSYNC = 62;
    /** The digest of a zone (RFC 8976). */
    public static final int ZONEMD = 63;
    /** How to reach a service (RFC 9460). */
    public static final int SVCB = 64;
    /** How to reach a web server (RFC 9460). */
    public static final int HTTPS = 65;
    /** Where to send notifications (RFC 9859). */
    public static final int DSYNC = 66;
    /** A hierarchical host identity tag. */
    public static final int HHIT = 67;
    /** A broadcast remote identity. */
    public static final int BRID = 68;
    /** The hosts that may send mail; obsolete (RFC 7208). */
    public static final int SPF = 99;
    /** Reserved. */
    public static final int UINFO = 100;
    /** Reserved. */
    public static final int UID = 101;
    /** Reserved. */
    public static final int GID = 102;
    /** Reserved. */
    public static final int UNSPEC = 103;
    /** A node identifier (RFC 6742). */
    public static final int NID = 104;
    /** A locator of 32 bits (RFC 6742). */
    public static final int L32 = 105;
    /** A locator of 64 bits (RFC 6742). */
    public static final int L64 = 106;
    /** The name of a locator (RFC 6742). */
    public static final int LP = 107;
    /** A MAC address of 48 bits (RFC 7043). */
    public static final int EUI48 = 108;
    /** A MAC address of 64 bits (RFC 7043). */
    public static final int EUI64 = 109;
    /** That a name does not exist (RFC 9824). */
    public static final int NXNAME = 128;
    /** A transaction key (RFC 2930). */
    public static final int TKEY = 249;
    /** A transaction's signature (RFC 8945). */
    public static final int TSIG = 250;
    /** In a question: what changed in a zone (RFC 1995). */
    public static final int IXFR = 251;
    /** In a question: all of a zone (RFC 5936). */
    public static final int AXFR = 252;
    /** In a question: MB, MG or MR (RFC 1035). */
    public static final int MAILB = 253;
    /** In a question: mail agents; obsolete (RFC 1035). */
    public static final int MAILA = 254;
    /** In a question: all types (RFC 8482). */
    public static final int ANY = 255;
    /** A URI (RFC 7553). */
    public static final int URI = 256;
    /** The authorities that may issue certificates (RFC 8659). */
    public static final int CAA = 257;
    /** Application visibility. */
    public static final int AVC = 258;
    /** A digital object. */
    public static final int DOA = 259;
    /** A relay for multicast (RFC 8777). */
    public static final int AMTRELAY = 260;
    /** The features of a resolver (RFC 9606). */
    public static final int RESINFO = 261;
    /** A public wallet address. */
    public static final int WALLET = 262;
    /** A convergence-layer adapter. */
    public static final int CLA = 263;
    /** A bundle-protocol node number. */
    public static final int IPN = 264;
    /** A trust anchor. */
    public static final int TA = 32768;
    /** A look-aside trust anchor; obsolete (RFC 8749). */
    public static final int DLV = 32769;

    private static final int TABLE_SIZE = 265;
    private static final RdataLayout[] LAYOUTS = new RdataLayout[TABLE_SIZE];
    private static final RdataLayout UNKNOWN = new RdataLayout(OPAQUE);
    private static final Registry NAMES = new Registry(128);

    static {
        row(A, "A", IPV4);
        row(NS, "NS", COMPRESSED_NAME);
        row(MD, "MD", COMPRESSED_NAME);
        row(MF, "MF", COMPRESSED_NAME);
        row(CNAME, "CNAME", COMPRESSED_NAME);
        row(SOA, "SOA", COMPRESSED_NAME, COMPRESSED_NAME, U32, PERIOD, PERIOD, PERIOD, PERIOD);
        row(MB, "MB", COMPRESSED_NAME);
        row(MG, "MG", COMPRESSED_NAME);
        row(MR, "MR", COMPRESSED_NAME);
        row(NULL, "NULL", OPAQUE);
        row(WKS, "WKS", OPAQUE);
        row(PTR, "PTR", COMPRESSED_NAME);
        row(HINFO, "HINFO", STRING, STRING);
        row(MINFO, "MINFO", COMPRESSED_NAME, COMPRESSED_NAME);
        row(MX, "MX", U16, COMPRESSED_NAME);
        row(TXT, "TXT", STRINGS);
        row(RP, "RP", NAME, NAME);
        row(AFSDB, "AFSDB", U16, NAME);
        row(X25, "X25", STRING);
        row(ISDN, "ISDN", STRING, OPTIONAL_STRING);
        row(RT, "RT", U16, NAME);
        row(NSAP, "NSAP", RdataField.NSAP);
        row(NSAP_PTR, "NSAP-PTR", NAME);
        row(SIG, "SIG", TYPE, ALGORITHM, U8, PERIOD, TIME, TIME, U16, NAME, BASE64);
        row(KEY, "KEY", U16, U8, ALGORITHM, BASE64);
        row(PX, "PX", U16, NAME, NAME);
        row(GPOS, "GPOS", STRING, STRING, STRING);
        row(AAAA, "AAAA", IPV6);
        row(LOC, "LOC", LOCATION);
        row(NXT, "NXT", OPAQUE);
        row(SRV, "SRV", U16, U16, U16, NAME);
        row(ATMA, "ATMA", OPAQUE);
        row(NAPTR, "NAPTR", U16, U16, STRING, STRING, STRING, NAME);
        row(KX, "KX", U16, NAME);
        row(CERT, "CERT", CERTIFICATE_TYPE, U16, ALGORITHM, BASE64);
        row(A6, "A6", OPAQUE);
        row(DNAME, "DNAME", NAME);
        row(SINK, "SINK", OPAQUE);
        row(OPT, "OPT", OPTIONS);
        row(APL, "APL", PREFIXES);
        row(DS, "DS", U16, ALGORITHM, U8, HEX);
        row(SSHFP, "SSHFP", U8, U8, HEX);
        row(IPSECKEY, "IPSECKEY", U8, U8, U8, GATEWAY, BASE64);
        row(RRSIG, "RRSIG", TYPE, ALGORITHM, U8, PERIOD, TIME, TIME, U16, NAME, BASE64);
        row(NSEC, "NSEC", NAME, TYPES);
        row(DNSKEY, "DNSKEY", U16, U8, ALGORITHM, BASE64);
        row(DHCID, "DHCID", BASE64);
        row(NSEC3, "NSEC3", U8, U8, U16, HEX_8, BASE32_8, TYPES);
        row(NSEC3PARAM, "NSEC3PARAM", U8, U8, U16, HEX_8);
        row(TLSA, "TLSA", U8, U8, U8, HEX);
        row(SMIMEA, "SMIMEA", U8, U8, U8, HEX);
        row(HIP, "HIP", RdataField.HIP);
        row(NINFO, "NINFO", STRINGS);
        row(RKEY, "RKEY", U16, U8, ALGORITHM, BASE64);
        row(TALINK, "TALINK", NAME, NAME);
        row(CDS, "CDS", U16, ALGORITHM, U8, HEX);
        row(CDNSKEY, "CDNSKEY", U16, U8, ALGORITHM, BASE64);
        row(OPENPGPKEY, "OPENPGPKEY", BASE64);
        row(CSYNC, "CSYNC", U32, U16, TYPES);
        row(ZONEMD, "ZONEMD", U32, U8, U8, HEX);
        row(SVCB, "SVCB", U16, NAME, SVC_PARAMS);
        row(HTTPS, "HTTPS", U16, NAME, SVC_PARAMS);
        row(DSYNC, "DSYNC", TYPE, U8, U16, NAME);
        row(HHIT, "HHIT", BASE64);
        row(BRID, "BRID", BASE64);
        row(SPF, "SPF", STRINGS);
        row(UINFO, "UINFO", OPAQUE);
        row(UID, "UID", OPAQUE);
        row(GID, "GID", OPAQUE);
        row(UNSPEC, "UNSPEC", OPAQUE);
        row(NID, "NID", U16, LOCATOR64);
        row(L32, "L32", U16, IPV4);
        row(L64, "L64", U16, LOCATOR64);
        row(LP, "LP", U16, NAME);
        row(EUI48, "EUI48", RdataField.EUI48);
        row(EUI64, "EUI64", RdataField.EUI64);
        row(NXNAME, "NXNAME", OPAQUE);
        row(TKEY, "TKEY", NAME, TIME, TIME, U16, RCODE, BASE64_16, BASE64_16);
        row(TSIG, "TSIG", NAME, U48, U16, BASE64_16, U16, RCODE, BASE64_16);
        row(IXFR, "IXFR", OPAQUE);
        row(AXFR, "AXFR", OPAQUE);
        row(MAILB, "MAILB", OPAQUE);
        row(MAILA, "MAILA", OPAQUE);
        row(ANY, "ANY", OPAQUE);
        row(URI, "URI", U16, U16, TEXT);
        row(CAA, "CAA", U8, TAG, TEXT);
        row(AVC, "AVC", STRINGS);
        row(DOA, "DOA", U32, U32, U8, STRING, BASE64);
        row(AMTRELAY, "AMTRELAY", U8, RELAY);
        row(RESINFO, "RESINFO", STRINGS);
        row(WALLET, "WALLET", STRINGS);
        row(CLA, "CLA", STRINGS);
        row(IPN, "IPN", OPAQUE);
        row(TA, "TA", U16, ALGORITHM, U8, HEX);
        row(DLV, "DLV", U16, ALGORITHM, U8, HEX);
    }

    private RecordType() {
    }

    private static void row(int type, String name, RdataField... fields) {
        NAMES.add(type, name);
        if (type < TABLE_SIZE) {
            LAYOUTS[type] = new RdataLayout(fields);
        }
    }

    /**
     * The name of a type.
     *
     * @param type its number
     * @return such as {@code "AAAA"}, or null if it has none: then it is written {@code TYPE1234}
     */
    public static String name(int type) {
        return NAMES.name(type);
    }

    /**
     * The type of a name.
     *
     * @param name in any case, or as {@code TYPE1234}
     * @return its number, or -1 if there is none
     */
    public static int parse(CharSequence name) {
        return NAMES.code(name, "TYPE", 0xffff);
    }

    /**
     * The layout of a type's data.
     *
     * @param type its number
     * @return its layout; that of unknown data, where the type is not known
     */
    public static RdataLayout layout(int type) {
        RdataLayout layout = type >= 0 && type < TABLE_SIZE ? LAYOUTS[type]
                : type == TA || type == DLV ? LAYOUTS[DS] : null;
        return layout == null ? UNKNOWN : layout;
    }

    /**
     * Whether a type can only stand in a question, or is no data at all: OPT, TSIG, TKEY, ANY,
     * transfers.
     *
     * @param type its number
     * @return whether it is one of those
     */
    public static boolean isMeta(int type) {
        return type == OPT || type >= NXNAME && type <= ANY;
    }
}
