package io.penstock.core;

import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Posix;

/**
 * The result of every call: {@code >= 0} is success (bytes, a count, or 0), {@code -1..-4095} is
 * {@code -errno}, {@code <= -10_000} is one of Penstock's own codes, a hundred for each module.
 *
 * <pre>
 *   -10_000..  core      -10_100..  link      -10_200..  udp
 *   -10_300..  dns       -10_400..  tls       -10_500..  metrics bindings
 * </pre>
 */
public final class ReturnCode {
    /** Success, where there is nothing to count. */
    public static final int OK = 0;

    /** The peer, or the file, has no more bytes. */
    public static final int EOF = -10_000;
    /** This operating system or processor is not one that Penstock runs on. */
    public static final int UNSUPPORTED_PLATFORM = Posix.UNSUPPORTED_PLATFORM;
    /** The handle is closed, or is closing. */
    public static final int CLOSED = -10_002;
    /** The handle is not open yet. */
    public static final int NOT_OPEN = -10_003;
    /** The handle is open already. */
    public static final int ALREADY_OPEN = -10_004;
    /** The handle is attached to a loop, which does this by itself. */
    public static final int ATTACHED = -10_005;
    /** Every slab of the pool is taken. */
    public static final int POOL_EXHAUSTED = -10_006;
    /** Every slot of the loop's handle table is taken. */
    public static final int HANDLES_EXHAUSTED = -10_007;
    /** Every place of the loop's timer heap is taken. */
    public static final int TIMERS_EXHAUSTED = -10_008;
    /** The loop's task queue is full. */
    public static final int TASKS_EXHAUSTED = -10_009;
    /** Every place for a check hook is taken. */
    public static final int CHECKS_EXHAUSTED = -10_010;
    /** Every block of the metrics region is taken. */
    public static final int METRICS_EXHAUSTED = -10_011;
    /** The buffer lies on the Java heap, where the kernel cannot reach. */
    public static final int HEAP_BUFFER = -10_012;
    /** The text is not an address of any kind that is known here. */
    public static final int BAD_ADDRESS = -10_013;
    /** The name or path does not fit where the kernel keeps it. */
    public static final int NAME_TOO_LONG = -10_014;
    /** The message could never fit the queue or pool that would hold it. */
    public static final int MESSAGE_TOO_LONG = -10_015;
    /** This kind of handle, or of descriptor, cannot do that. */
    public static final int NOT_SUPPORTED = -10_016;
    /** A value lies outside what the call takes. */
    public static final int BAD_ARGUMENT = -10_017;
    /** The name is not ASCII, and IDNA does not allow it, or no mapping was given. */
    public static final int BAD_NAME = -10_018;
    /** The deadline passed first. */
    public static final int TIMED_OUT = -10_019;

    /** More descriptors were sent than could be taken; those that were taken are closed. */
    public static final int DESCRIPTORS_TRUNCATED = -10_020;
    /** A callback of the handle threw, and the loop's exception handler was called. */
    public static final int CALLBACK_THREW = -10_021;

    /** The pool was short, and the handle had held its slabs without progress for longest. */
    public static final int RECLAIMED = -10_022;
    /** The message in pieces has as many as it was made for. */
    public static final int PIECES_EXHAUSTED = -10_023;
    /** The endpoint holds no address. */
    public static final int ADDRESS_MISSING = -10_024;
    /** The text has no port behind its address. */
    public static final int ADDRESS_NO_PORT = -10_025;
    /** The text's port is no number from 0 to 65535. */
    public static final int ADDRESS_BAD_PORT = -10_026;
    /** Where the text should have an address it has a name, or a sign such as an asterisk. */
    public static final int ADDRESS_NOT_NUMERIC = -10_027;
    /** The text has an IPv6 address without brackets around it. */
    public static final int ADDRESS_NO_BRACKETS = -10_028;
    /** A turn was asked for from inside a callback of the same loop. */
    public static final int NESTED_TURN = -10_029;

    /** The region's first bytes are not those of a metrics region. */
    public static final int REGION_FOREIGN = -10_030;
    /** The region was written by a version that this one does not read. */
    public static final int REGION_VERSION = -10_031;
    /** The region was written on a machine of the other byte order. */
    public static final int REGION_ENDIAN = -10_032;
    /** The region's file is shorter than its header says, or an offset points outside it. */
    public static final int REGION_TRUNCATED = -10_033;
    /** The block changed at each try to read it, or another handle has it by now. */
    public static final int BLOCK_CHANGED = -10_034;
    /** The type has more fields than fit a block of this region. */
    public static final int BLOCK_TOO_SMALL = -10_035;
    /** Every place of the region's type table is taken. */
    public static final int TYPES_EXHAUSTED = -10_036;
    /** The file is the metrics region of an owner that lives. */
    public static final int REGION_OWNED = -10_038;
    /** The path leads to something that is no file of a metrics region; it is left as it is. */
    public static final int REGION_PATH_TAKEN = -10_039;
    /** The stream moved no byte for its idle time. */
    public static final int IDLE = -10_040;

    /** The frame's checksum is not that of its bytes. */
    public static final int FRAME_CORRUPT = -10_100;
    /** The frame is longer than the reader takes. */
    public static final int FRAME_TOO_LONG = -10_101;
    /** The stream ended inside a frame. */
    public static final int FRAME_TRUNCATED = -10_102;
    /** The text does not fit the buffer. */
    public static final int TEXT_TOO_LONG = -10_500;

    /** One send would be cut into more datagrams than the kernel takes at once. */
    public static final int TOO_MANY_SEGMENTS = -10_200;

    /** The message, record or option ends before what it announces. */
    public static final int DNS_SHORT = -10_300;
    /** A label of a reserved type (01 or 10). */
    public static final int DNS_LABEL_TYPE = -10_301;
    /**
     * A compression pointer does not point before the start of the run of labels that it
     * continues.
     */
    public static final int DNS_POINTER = -10_302;
    /** A name takes more than 128 pointers. */
    public static final int DNS_HOPS = -10_303;
    /** A name is longer than 255 octets. */
    public static final int DNS_NAME_TOO_LONG = -10_304;
    /** A label is longer than 63 octets. */
    public static final int DNS_LABEL_TOO_LONG = -10_305;
    /** The text of a name has an empty label, as in {@code a..b}. */
    public static final int DNS_EMPTY_LABEL = -10_306;
    /** Record data is longer or shorter than the fields of its type. */
    public static final int DNS_RDATA_LENGTH = -10_307;
    /** Record data says what its type cannot. */
    public static final int DNS_RDATA = -10_308;
    /** A second OPT record, or one outside the additional section, or not at the root. */
    public static final int DNS_OPT = -10_309;
    /** An EDNS option is malformed, or there are too many. */
    public static final int DNS_OPTION = -10_310;
    /** The message does not fit the memory given for it. */
    public static final int DNS_FULL = -10_311;
    /** The section of a record was passed already, or nothing was begun. */
    public static final int DNS_ORDER = -10_312;
    /** The text is not what stands there in a zone file. */
    public static final int DNS_SYNTAX = -10_320;
    /** A backslash is followed by neither a character nor three digits up to 255. */
    public static final int DNS_ESCAPE = -10_321;
    /** The text has a NUL or a byte that is not ASCII and not escaped. */
    public static final int DNS_CHARACTER = -10_322;
    /** A number or time is malformed, or out of its range. */
    public static final int DNS_NUMBER = -10_323;
    /** A type, class or other mnemonic is not known. */
    public static final int DNS_MNEMONIC = -10_324;
    /** Parentheses do not match. */
    public static final int DNS_PARENTHESES = -10_325;
    /** A relative name, and no origin to complete it. */
    public static final int DNS_ORIGIN = -10_326;
    /** The first record of a zone file names no owner. */
    public static final int DNS_OWNER = -10_327;
    /** A record has no TTL, and there is none to go by. */
    public static final int DNS_TTL = -10_328;
    /** $INCLUDE, where it was not asked for. */
    public static final int DNS_INCLUDE = -10_329;
    /** The text ends inside a quoted string, or before the record is complete. */
    public static final int DNS_TEXT_TRUNCATED = -10_330;
    /** The name does not exist. */
    public static final int DNS_NXDOMAIN = -10_340;
    /** The name has no records of that type. */
    public static final int DNS_NODATA = -10_341;
    /** Every name server says that it failed. */
    public static final int DNS_SERVFAIL = -10_342;
    /** Every name server refuses to answer, or answers with what does not answer. */
    public static final int DNS_REFUSED = -10_343;
    /** The name is an alias of an alias, more than 11 times. */
    public static final int DNS_CHAIN_TOO_LONG = -10_344;
    /** The lookup has used up the queries that one may send. */
    public static final int DNS_QUOTA = -10_345;
    /** Every lookup of the resolver is under way. */
    public static final int DNS_LOOKUPS_EXHAUSTED = -10_346;
    /** The cache does not know. */
    public static final int DNS_NOT_CACHED = -10_347;
    /** A name that was to be returned is not one that a host may have. */
    public static final int DNS_HOST_NAME = -10_348;

    /** There is no OpenSSL where it was looked for; {@code OpenSsl.tried} says where. */
    public static final int TLS_LIBRARY_MISSING = -10_400;
    /** The library that was found is not OpenSSL, or has a version that this one does not know. */
    public static final int TLS_LIBRARY_UNFIT = -10_401;
    /** The certificate is missing, or is no PEM. */
    public static final int TLS_CERTIFICATE_UNREADABLE = -10_402;
    /** The private key is missing, is no PEM, or the passphrase is not its own. */
    public static final int TLS_KEY_UNREADABLE = -10_403;
    /** The private key is not the certificate's. */
    public static final int TLS_KEY_MISMATCH = -10_404;
    /** The certificates to trust are missing, or none can be read. */
    public static final int TLS_TRUST_UNREADABLE = -10_405;
    /** The list of revoked certificates is missing, or is no PEM. */
    public static final int TLS_REVOCATIONS_UNREADABLE = -10_406;
    /** The library does not know a protocol, suite, group or algorithm of that name. */
    public static final int TLS_BAD_SETTING = -10_407;
    /** The library has no provider of that name. */
    public static final int TLS_PROVIDER_MISSING = -10_408;
    /** A client that verifies its peer has not been told the peer's name. */
    public static final int TLS_HOST_MISSING = -10_409;
    /** The peer speaks something else than TLS. */
    public static final int TLS_NOT_TLS = -10_410;
    /** The two sides share no version of the protocol. */
    public static final int TLS_NO_SHARED_PROTOCOL = -10_411;
    /** The two sides share no suite, group or signature algorithm. */
    public static final int TLS_NO_SHARED_SUITE = -10_412;
    /** The two sides share no application protocol. */
    public static final int TLS_NO_SHARED_ALPN = -10_413;
    /** The peer has shown no certificate. */
    public static final int TLS_CERTIFICATE_MISSING = -10_414;
    /** The peer's certificate has expired. */
    public static final int TLS_CERTIFICATE_EXPIRED = -10_415;
    /** The peer's certificate is not valid yet. */
    public static final int TLS_CERTIFICATE_NOT_YET_VALID = -10_416;
    /** Nobody who is trusted has signed the peer's certificate. */
    public static final int TLS_CERTIFICATE_UNTRUSTED = -10_417;
    /** The peer's certificate was revoked. */
    public static final int TLS_CERTIFICATE_REVOKED = -10_418;
    /**
     * The peer's certificate is not accepted for another reason; {@code verifyResult} says which.
     */
    public static final int TLS_CERTIFICATE_REJECTED = -10_419;
    /** The peer's certificate is for another name. */
    public static final int TLS_WRONG_HOST = -10_420;
    /** The peer has not proved that its certificate is not revoked. */
    public static final int TLS_STAPLE_MISSING = -10_421;
    /** The peer's proof is stale, forged, or of another certificate. */
    public static final int TLS_STAPLE_BAD = -10_422;
    /** The peer gave up; {@code alertReceived} says why. */
    public static final int TLS_ALERT = -10_423;
    /** A record was altered on its way, or is not the peer's. */
    public static final int TLS_BAD_RECORD = -10_424;
    /** A record is longer than the protocol allows. */
    public static final int TLS_RECORD_TOO_LONG = -10_425;
    /** The peer breaks the protocol otherwise. */
    public static final int TLS_PROTOCOL = -10_426;
    /** The peer asked for renegotiation, which is refused. */
    public static final int TLS_RENEGOTIATION = -10_427;
    /** The handshake was not done by its deadline. */
    public static final int TLS_HANDSHAKE_TIMED_OUT = -10_428;
    /** The connection ended inside the handshake. */
    public static final int TLS_HANDSHAKE_CUT = -10_429;
    /** The connection ended without the peer's saying so: what came may not be all. */
    public static final int TLS_TRUNCATED = -10_430;
    /** There is no session to be exported, or what was given is none. */
    public static final int TLS_NO_SESSION = -10_431;
    /** The library, or its provider, has no algorithm of that name. */
    public static final int TLS_ALGORITHM_MISSING = -10_432;
    /** The library failed by itself, for want of memory perhaps. */
    public static final int TLS_FAILED = -10_433;
    /** The name that is to be expected, or that a certificate is for, is one that no host has. */
    public static final int TLS_HOST_INVALID = -10_440;
    /** The file of a private key is another user's, or others than its owner can read it. */
    public static final int TLS_KEY_EXPOSED = -10_441;

    private static final int OWN_BASE = -10_000;
    private static final String[] OWN = new String[600];

    static {
        own(EOF, "EOF: end of stream");
        own(UNSUPPORTED_PLATFORM, "UNSUPPORTED_PLATFORM: needs Linux on x86-64 or aarch64");
        own(CLOSED, "CLOSED: handle is closed");
        own(NOT_OPEN, "NOT_OPEN: handle is not open");
        own(ALREADY_OPEN, "ALREADY_OPEN: handle is open already");
        own(ATTACHED, "ATTACHED: handle is attached to a loop");
        own(POOL_EXHAUSTED, "POOL_EXHAUSTED: buffer pool is empty");
        own(HANDLES_EXHAUSTED, "HANDLES_EXHAUSTED: loop has no free handle slot");
        own(TIMERS_EXHAUSTED, "TIMERS_EXHAUSTED: loop has no free timer slot");
        own(TASKS_EXHAUSTED, "TASKS_EXHAUSTED: loop's task queue is full");
        own(CHECKS_EXHAUSTED, "CHECKS_EXHAUSTED: loop has no free check slot");
        own(METRICS_EXHAUSTED, "METRICS_EXHAUSTED: metrics region has no free block");
        own(HEAP_BUFFER, "HEAP_BUFFER: buffer is on the Java heap");
        own(BAD_ADDRESS, "BAD_ADDRESS: not an address");
        own(NAME_TOO_LONG, "NAME_TOO_LONG: name or path is too long");
        own(MESSAGE_TOO_LONG, "MESSAGE_TOO_LONG: message is too long for its queue");
        own(NOT_SUPPORTED, "NOT_SUPPORTED: not possible on this kind of handle");
        own(BAD_ARGUMENT, "BAD_ARGUMENT: value out of range");
        own(BAD_NAME, "BAD_NAME: not an internationalised name");
        own(TIMED_OUT, "TIMED_OUT: deadline passed");
        own(DESCRIPTORS_TRUNCATED, "DESCRIPTORS_TRUNCATED: too many descriptors in a message");
        own(CALLBACK_THREW, "CALLBACK_THREW: a callback of the handle threw");
        own(RECLAIMED, "RECLAIMED: made no progress for longest while its pool was short");
        own(PIECES_EXHAUSTED, "PIECES_EXHAUSTED: every place for a piece of the message is taken");
        own(ADDRESS_MISSING, "ADDRESS_MISSING: the endpoint holds no address");
        own(ADDRESS_NO_PORT, "ADDRESS_NO_PORT: no port behind the address, as in 127.0.0.1:80");
        own(ADDRESS_BAD_PORT, "ADDRESS_BAD_PORT: not a port, 0 to 65535");
        own(ADDRESS_NOT_NUMERIC,
                "ADDRESS_NOT_NUMERIC: a name, or an asterisk, where an address must be");
        own(ADDRESS_NO_BRACKETS, "ADDRESS_NO_BRACKETS: IPv6 needs brackets, as in [::1]:80");
        own(NESTED_TURN, "NESTED_TURN: a turn was asked for from inside a callback");
        own(REGION_FOREIGN, "REGION_FOREIGN: not a metrics region");
        own(REGION_VERSION, "REGION_VERSION: metrics region of another version");
        own(REGION_ENDIAN, "REGION_ENDIAN: metrics region of the other byte order");
        own(REGION_TRUNCATED, "REGION_TRUNCATED: metrics region is cut short");
        own(BLOCK_CHANGED, "BLOCK_CHANGED: metrics block changed while being read");
        own(BLOCK_TOO_SMALL, "BLOCK_TOO_SMALL: metrics type does not fit a block");
        own(TYPES_EXHAUSTED, "TYPES_EXHAUSTED: metrics region has no free type");
        own(REGION_OWNED, "REGION_OWNED: metrics region of an owner that lives");
        own(REGION_PATH_TAKEN, "REGION_PATH_TAKEN: path is something else than a metrics region");
        own(IDLE, "IDLE: stream moved no byte for its idle time");
        own(FRAME_CORRUPT, "FRAME_CORRUPT: frame checksum does not match");
        own(FRAME_TOO_LONG, "FRAME_TOO_LONG: frame is longer than allowed");
        own(FRAME_TRUNCATED, "FRAME_TRUNCATED: stream ended inside a frame");
        own(TLS_LIBRARY_MISSING,
                "TLS_LIBRARY_MISSING: there is no OpenSSL where it was looked for");
        own(TLS_LIBRARY_UNFIT, "TLS_LIBRARY_UNFIT: not an OpenSSL of version 3 or 4");
        own(TLS_CERTIFICATE_UNREADABLE,
                "TLS_CERTIFICATE_UNREADABLE: certificate is missing or is no PEM");
        own(TLS_KEY_UNREADABLE,
                "TLS_KEY_UNREADABLE: private key is missing, no PEM, or of another passphrase");
        own(TLS_KEY_MISMATCH, "TLS_KEY_MISMATCH: private key is not the certificate's");
        own(TLS_TRUST_UNREADABLE, "TLS_TRUST_UNREADABLE: no certificate to trust can be read");
        own(TLS_REVOCATIONS_UNREADABLE,
                "TLS_REVOCATIONS_UNREADABLE: list of revoked certificates cannot be read");
        own(TLS_BAD_SETTING,
                "TLS_BAD_SETTING: no protocol, suite, group or algorithm of that name");
        own(TLS_PROVIDER_MISSING, "TLS_PROVIDER_MISSING: library has no provider of that name");
        own(TLS_HOST_MISSING, "TLS_HOST_MISSING: client was not told whom to expect");
        own(TLS_NOT_TLS, "TLS_NOT_TLS: peer does not speak TLS");
        own(TLS_NO_SHARED_PROTOCOL, "TLS_NO_SHARED_PROTOCOL: no version of TLS in common");
        own(TLS_NO_SHARED_SUITE,
                "TLS_NO_SHARED_SUITE: no suite, group or signature algorithm in common");
        own(TLS_NO_SHARED_ALPN, "TLS_NO_SHARED_ALPN: no application protocol in common");
        own(TLS_CERTIFICATE_MISSING, "TLS_CERTIFICATE_MISSING: peer has shown no certificate");
        own(TLS_CERTIFICATE_EXPIRED, "TLS_CERTIFICATE_EXPIRED: peer's certificate has expired");
        own(TLS_CERTIFICATE_NOT_YET_VALID,
                "TLS_CERTIFICATE_NOT_YET_VALID: peer's certificate is not valid yet");
        own(TLS_CERTIFICATE_UNTRUSTED,
                "TLS_CERTIFICATE_UNTRUSTED: nobody trusted has signed the peer's certificate");
        own(TLS_CERTIFICATE_REVOKED, "TLS_CERTIFICATE_REVOKED: peer's certificate was revoked");
        own(TLS_CERTIFICATE_REJECTED,
                "TLS_CERTIFICATE_REJECTED: peer's certificate is not accepted");
        own(TLS_WRONG_HOST, "TLS_WRONG_HOST: peer's certificate is for another name");
        own(TLS_STAPLE_MISSING, "TLS_STAPLE_MISSING: no proof that the certificate is not revoked");
        own(TLS_STAPLE_BAD, "TLS_STAPLE_BAD: proof about revocation is stale, forged or another's");
        own(TLS_ALERT, "TLS_ALERT: peer has sent a fatal alert");
        own(TLS_BAD_RECORD, "TLS_BAD_RECORD: record does not decrypt");
        own(TLS_RECORD_TOO_LONG, "TLS_RECORD_TOO_LONG: record is longer than allowed");
        own(TLS_PROTOCOL, "TLS_PROTOCOL: peer breaks the protocol");
        own(TLS_RENEGOTIATION, "TLS_RENEGOTIATION: peer asked for renegotiation");
        own(TLS_HANDSHAKE_TIMED_OUT, "TLS_HANDSHAKE_TIMED_OUT: handshake was not done in time");
        own(TLS_HANDSHAKE_CUT, "TLS_HANDSHAKE_CUT: connection ended inside the handshake");
        own(TLS_TRUNCATED, "TLS_TRUNCATED: connection ended without close_notify");
        own(TLS_NO_SESSION, "TLS_NO_SESSION: no session");
        own(TLS_ALGORITHM_MISSING, "TLS_ALGORITHM_MISSING: library has no algorithm of that name");
        own(TLS_FAILED, "TLS_FAILED: library failed by itself");
        own(TLS_HOST_INVALID, "TLS_HOST_INVALID: not a host name or an IP address");
        own(TLS_KEY_EXPOSED, "TLS_KEY_EXPOSED: key file is not its user's alone");
        own(TOO_MANY_SEGMENTS, "TOO_MANY_SEGMENTS: more than 64 segments in one send");
        own(TEXT_TOO_LONG, "TEXT_TOO_LONG: text does not fit the buffer");
        own(DNS_SHORT, "DNS_SHORT: message ends before what it announces");
        own(DNS_LABEL_TYPE, "DNS_LABEL_TYPE: reserved label type");
        own(DNS_POINTER, "DNS_POINTER: pointer does not point backwards");
        own(DNS_HOPS, "DNS_HOPS: too many pointers in a name");
        own(DNS_NAME_TOO_LONG, "DNS_NAME_TOO_LONG: name is longer than 255 octets");
        own(DNS_LABEL_TOO_LONG, "DNS_LABEL_TOO_LONG: label is longer than 63 octets");
        own(DNS_EMPTY_LABEL, "DNS_EMPTY_LABEL: empty label in a name");
        own(DNS_RDATA_LENGTH, "DNS_RDATA_LENGTH: record data has the wrong length");
        own(DNS_RDATA, "DNS_RDATA: record data is malformed");
        own(DNS_OPT, "DNS_OPT: misplaced OPT record");
        own(DNS_OPTION, "DNS_OPTION: malformed EDNS option");
        own(DNS_FULL, "DNS_FULL: does not fit");
        own(DNS_ORDER, "DNS_ORDER: written out of order");
        own(DNS_SYNTAX, "DNS_SYNTAX: text is malformed");
        own(DNS_ESCAPE, "DNS_ESCAPE: malformed escape");
        own(DNS_CHARACTER, "DNS_CHARACTER: character is not allowed");
        own(DNS_NUMBER, "DNS_NUMBER: number is malformed or out of range");
        own(DNS_MNEMONIC, "DNS_MNEMONIC: mnemonic is not known");
        own(DNS_PARENTHESES, "DNS_PARENTHESES: parentheses do not match");
        own(DNS_ORIGIN, "DNS_ORIGIN: relative name without an origin");
        own(DNS_OWNER, "DNS_OWNER: first record has no owner");
        own(DNS_TTL, "DNS_TTL: record has no TTL");
        own(DNS_INCLUDE, "DNS_INCLUDE: $INCLUDE is not allowed");
        own(DNS_TEXT_TRUNCATED, "DNS_TEXT_TRUNCATED: text ends too early");
        own(DNS_NXDOMAIN, "DNS_NXDOMAIN: name does not exist");
        own(DNS_NODATA, "DNS_NODATA: no records of that type");
        own(DNS_SERVFAIL, "DNS_SERVFAIL: name servers failed");
        own(DNS_REFUSED, "DNS_REFUSED: name servers refused");
        own(DNS_CHAIN_TOO_LONG, "DNS_CHAIN_TOO_LONG: too many aliases");
        own(DNS_QUOTA, "DNS_QUOTA: lookup used up its queries");
        own(DNS_LOOKUPS_EXHAUSTED, "DNS_LOOKUPS_EXHAUSTED: resolver has no free lookup");
        own(DNS_NOT_CACHED, "DNS_NOT_CACHED: not in the cache");
        own(DNS_HOST_NAME, "DNS_HOST_NAME: not the name of a host");
    }

    private ReturnCode() {
    }

    private static void own(int code, String text) {
        OWN[OWN_BASE - code] = text;
    }

    /**
     * The name and meaning of a result.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none for a code that is listed.
     *
     * @param code any result of any call
     * @return such as {@code "EAGAIN: resource temporarily unavailable"}; never null
     */
    public static String describe(int code) {
        if (code >= 0) {
            return "OK";
        }
        int index = OWN_BASE - code;
        String text = index < 0 ? Errno.describe(-code) : index < OWN.length ? OWN[index] : null;
        return text == null ? "unknown result " + code : text;
    }
}
