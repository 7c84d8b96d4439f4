package io.penstock.dns.wire;

/**
 * The fields of record data: for each type their places in the layout, for
 * {@link ResourceRecord#offset}, {@link ResourceRecord#length} and {@link ResourceRecord#number}.
 *
 * <p>A type that is not listed has one field, {@link #VALUE}: an address, a name, strings, octets.
 */
public final class Rdata {
    /** The only field: of A, AAAA, NS, CNAME, DNAME, PTR, TXT, OPENPGPKEY and their like. */
    public static final int VALUE = 0;

    // MX: exchange

    /** MX: The preference; the lowest is the first choice. */
    public static final int MX_PREFERENCE = 0;
    /** MX: The name of the mail server. */
    public static final int MX_EXCHANGE = 1;

    // SOA: zone

    /** SOA: The name of the primary server. */
    public static final int SOA_MNAME = 0;
    /** SOA: The mailbox of the administrator, as a name. */
    public static final int SOA_RNAME = 1;
    /** SOA: The serial, that is, the version of the zone. */
    public static final int SOA_SERIAL = 2;
    /** SOA: The seconds between two refreshes from the primary. */
    public static final int SOA_REFRESH = 3;
    /** SOA: The seconds until a failed refresh is repeated. */
    public static final int SOA_RETRY = 4;
    /** SOA: The seconds without a refresh until the zone expires. */
    public static final int SOA_EXPIRE = 5;
    /** SOA: The time to live of negative answers, in seconds (RFC 2308). */
    public static final int SOA_MINIMUM = 6;

    // HINFO: host

    /** HINFO: The processor. */
    public static final int HINFO_CPU = 0;
    /** HINFO: The operating system. */
    public static final int HINFO_OS = 1;

    // MINFO: mailbox

    /** MINFO: The mailbox of the administrator, as a name. */
    public static final int MINFO_RMAILBX = 0;
    /** MINFO: The mailbox for errors, as a name. */
    public static final int MINFO_EMAILBX = 1;

    // RP: person

    /** RP: The mailbox, as a name. */
    public static final int RP_MBOX = 0;
    /** RP: The name of TXT records about the person. */
    public static final int RP_TXT = 1;

    // AFSDB: database

    /** AFSDB: The kind of server. */
    public static final int AFSDB_SUBTYPE = 0;
    /** AFSDB: The name of the server. */
    public static final int AFSDB_HOSTNAME = 1;

    // SRV: service

    /** SRV: The priority; the lowest comes first. */
    public static final int SRV_PRIORITY = 0;
    /** SRV: The weight among targets of equal priority. */
    public static final int SRV_WEIGHT = 1;
    /** SRV: The port. */
    public static final int SRV_PORT = 2;
    /** SRV: The name of the host. */
    public static final int SRV_TARGET = 3;

    // NAPTR: pointer

    /** NAPTR: The order; the lowest comes first. */
    public static final int NAPTR_ORDER = 0;
    /** NAPTR: The preference within an order; the lowest comes first. */
    public static final int NAPTR_PREFERENCE = 1;
    /** NAPTR: The flags, which say what the next step is. */
    public static final int NAPTR_FLAGS = 2;
    /** NAPTR: The services. */
    public static final int NAPTR_SERVICES = 3;
    /** NAPTR: A regular expression with its substitution. */
    public static final int NAPTR_REGEXP = 4;
    /** NAPTR: The next name. */
    public static final int NAPTR_REPLACEMENT = 5;

    // KX: exchanger

    /** KX: The preference; the lowest comes first. */
    public static final int KX_PREFERENCE = 0;
    /** KX: The name of the host. */
    public static final int KX_EXCHANGER = 1;

    // CERT: certificate

    /** CERT: The kind. */
    public static final int CERT_TYPE = 0;
    /** CERT: The tag of the key. */
    public static final int CERT_KEY_TAG = 1;
    /** CERT: The algorithm. */
    public static final int CERT_ALGORITHM = 2;
    /** CERT: The certificate or list. */
    public static final int CERT_CERTIFICATE = 3;

    // DS: digest; CDS and DLV are the same

    /** DS: The tag of the key. */
    public static final int DS_KEY_TAG = 0;
    /** DS: The algorithm of the key. */
    public static final int DS_ALGORITHM = 1;
    /** DS: The kind of the digest. */
    public static final int DS_DIGEST_TYPE = 2;
    /** DS: The digest. */
    public static final int DS_DIGEST = 3;

    // SSHFP: fingerprint

    /** SSHFP: The algorithm of the key. */
    public static final int SSHFP_ALGORITHM = 0;
    /** SSHFP: The kind of the fingerprint. */
    public static final int SSHFP_TYPE = 1;
    /** SSHFP: The fingerprint. */
    public static final int SSHFP_FINGERPRINT = 2;

    // IPSECKEY: key

    /** IPSECKEY: The precedence; the lowest comes first. */
    public static final int IPSECKEY_PRECEDENCE = 0;
    /** IPSECKEY: The kind of the gateway, of {@link Gateway}. */
    public static final int IPSECKEY_GATEWAY_TYPE = 1;
    /** IPSECKEY: The algorithm. */
    public static final int IPSECKEY_ALGORITHM = 2;
    /** IPSECKEY: The gateway. */
    public static final int IPSECKEY_GATEWAY = 3;
    /** IPSECKEY: The key. */
    public static final int IPSECKEY_PUBLIC_KEY = 4;

    // RRSIG: signature; SIG is the same

    /** RRSIG: The type that is signed. */
    public static final int RRSIG_TYPE_COVERED = 0;
    /** RRSIG: The algorithm. */
    public static final int RRSIG_ALGORITHM = 1;
    /** RRSIG: The number of labels of the signed name. */
    public static final int RRSIG_LABELS = 2;
    /** RRSIG: The TTL that was signed. */
    public static final int RRSIG_ORIGINAL_TTL = 3;
    /** RRSIG: The time at which the signature expires. */
    public static final int RRSIG_EXPIRATION = 4;
    /** RRSIG: The time from which the signature is valid. */
    public static final int RRSIG_INCEPTION = 5;
    /** RRSIG: The tag of the key. */
    public static final int RRSIG_KEY_TAG = 6;
    /** RRSIG: The name of the zone that signed. */
    public static final int RRSIG_SIGNER = 7;
    /** RRSIG: The signature. */
    public static final int RRSIG_SIGNATURE = 8;

    // NSEC: proof

    /** NSEC: The next name. */
    public static final int NSEC_NEXT = 0;
    /** NSEC: The types at this name, for {@link TypeBitmap}. */
    public static final int NSEC_TYPES = 1;

    // DNSKEY: key; KEY, CDNSKEY and RKEY are the same

    /** DNSKEY: The flags. */
    public static final int DNSKEY_FLAGS = 0;
    /** DNSKEY: Always 3. */
    public static final int DNSKEY_PROTOCOL = 1;
    /** DNSKEY: The algorithm. */
    public static final int DNSKEY_ALGORITHM = 2;
    /** DNSKEY: The key. */
    public static final int DNSKEY_PUBLIC_KEY = 3;

    // NSEC3: proof; NSEC3PARAM has the first four

    /** NSEC3: The hash algorithm. */
    public static final int NSEC3_ALGORITHM = 0;
    /** NSEC3: The flags. */
    public static final int NSEC3_FLAGS = 1;
    /** NSEC3: The number of additional iterations of the hash. */
    public static final int NSEC3_ITERATIONS = 2;
    /** NSEC3: The salt behind its length. */
    public static final int NSEC3_SALT = 3;
    /** NSEC3: The next hash behind its length. */
    public static final int NSEC3_NEXT = 4;
    /** NSEC3: The types at this name, for {@link TypeBitmap}. */
    public static final int NSEC3_TYPES = 5;

    // TLSA: certificate; SMIMEA is the same

    /** TLSA: The usage of the certificate. */
    public static final int TLSA_USAGE = 0;
    /** TLSA: The selector: the whole certificate, or its public key. */
    public static final int TLSA_SELECTOR = 1;
    /** TLSA: The matching type: the octets themselves, or a digest. */
    public static final int TLSA_MATCHING_TYPE = 2;
    /** TLSA: The data that is matched. */
    public static final int TLSA_DATA = 3;

    // CSYNC: synchronisation

    /** CSYNC: The least serial of the zone for which the record holds. */
    public static final int CSYNC_SERIAL = 0;
    /** CSYNC: The flags. */
    public static final int CSYNC_FLAGS = 1;
    /** CSYNC: The types to copy, for {@link TypeBitmap}. */
    public static final int CSYNC_TYPES = 2;

    // ZONEMD: digest

    /** ZONEMD: The version of the zone. */
    public static final int ZONEMD_SERIAL = 0;
    /** ZONEMD: The scheme by which the records are collected. */
    public static final int ZONEMD_SCHEME = 1;
    /** ZONEMD: The hash algorithm. */
    public static final int ZONEMD_HASH = 2;
    /** ZONEMD: The digest. */
    public static final int ZONEMD_DIGEST = 3;

    // SVCB: binding; HTTPS is the same

    /** SVCB: The priority; the lowest comes first, and 0 is an alias. */
    public static final int SVCB_PRIORITY = 0;
    /** SVCB: The name of the host; the root is the owner itself. */
    public static final int SVCB_TARGET = 1;
    /** SVCB: The parameters, for {@link SvcParams}. */
    public static final int SVCB_PARAMS = 2;

    // LP: locator; NID, L32 and L64 have the same preference

    /** LP: The preference; the lowest comes first. */
    public static final int LP_PREFERENCE = 0;
    /** LP: The name, number or address. */
    public static final int LP_TARGET = 1;

    // TSIG: signature

    /** TSIG: The name of the algorithm. */
    public static final int TSIG_ALGORITHM = 0;
    /** TSIG: The time of the signature. */
    public static final int TSIG_TIME = 1;
    /** TSIG: The permitted difference of the clocks, in seconds. */
    public static final int TSIG_FUDGE = 2;
    /** TSIG: The MAC behind its length of 16 bits. */
    public static final int TSIG_MAC = 3;
    /** TSIG: The original id of the message. */
    public static final int TSIG_ORIGINAL_ID = 4;
    /** TSIG: The error code. */
    public static final int TSIG_ERROR = 5;
    /** TSIG: Other data, behind their length of 16 bits. */
    public static final int TSIG_OTHER = 6;

    // TKEY: key

    /** TKEY: The name of the algorithm. */
    public static final int TKEY_ALGORITHM = 0;
    /** TKEY: The time from which the key is valid. */
    public static final int TKEY_INCEPTION = 1;
    /** TKEY: The time at which the key expires. */
    public static final int TKEY_EXPIRATION = 2;
    /** TKEY: The mode of agreement on the key. */
    public static final int TKEY_MODE = 3;
    /** TKEY: The error code. */
    public static final int TKEY_ERROR = 4;
    /** TKEY: The key behind its length of 16 bits. */
    public static final int TKEY_KEY = 5;
    /** TKEY: Other data, behind their length of 16 bits. */
    public static final int TKEY_OTHER = 6;

    // URI: URI

    /** URI: The priority; the lowest comes first. */
    public static final int URI_PRIORITY = 0;
    /** URI: The weight among URIs of equal priority. */
    public static final int URI_WEIGHT = 1;
    /** URI: The URI. */
    public static final int URI_TARGET = 2;

    // CAA: authorisation

    /** CAA: The flags. */
    public static final int CAA_FLAGS = 0;
    /** CAA: The tag, which says what is authorised. */
    public static final int CAA_TAG = 1;
    /** CAA: The value, for example the name of the authorised CA. */
    public static final int CAA_VALUE = 2;

    // AMTRELAY: relay

    /** AMTRELAY: The precedence; the lowest comes first. */
    public static final int AMTRELAY_PRECEDENCE = 0;
    /** AMTRELAY: A bit and the kind, then the relay. */
    public static final int AMTRELAY_RELAY = 1;

    private Rdata() {
    }
}
