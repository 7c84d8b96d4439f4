package io.penstock.dns.iana;

/**
 * The extended DNS errors, which tell more than a response code.
 *
 * <p><b>Threading</b>: any. <b>Allocation</b>: none.
 * <b>See</b>: RFC 8914.
 */
public final class ExtendedError {
    /** Something else. */
    public static final int OTHER = 0;
    /** No key's algorithm is known. */
    public static final int UNSUPPORTED_DNSKEY_ALGORITHM = 1;
    /** No digest's kind is known. */
    public static final int UNSUPPORTED_DS_DIGEST_TYPE = 2;
    /** The answer is stale. */
    public static final int STALE_ANSWER = 3;
    /** The answer is forged, by policy. */
    public static final int FORGED_ANSWER = 4;
    /** Validation came to no end. */
    public static final int DNSSEC_INDETERMINATE = 5;
    /** Validation failed. */
    public static final int DNSSEC_BOGUS = 6;
    /** A signature is out of date. */
    public static final int SIGNATURE_EXPIRED = 7;
    /** A signature is from the future. */
    public static final int SIGNATURE_NOT_YET_VALID = 8;
    /** No key fits. */
    public static final int DNSKEY_MISSING = 9;
    /** Signatures are missing. */
    public static final int RRSIGS_MISSING = 10;
    /** No key is a zone's. */
    public static final int NO_ZONE_KEY_BIT_SET = 11;
    /** Proof of absence is missing. */
    public static final int NSEC_MISSING = 12;
    /** The error comes from a cache. */
    public static final int CACHED_ERROR = 13;
    /** The server is not up yet. */
    public static final int NOT_READY = 14;
    /** Blocked by the operator. */
    public static final int BLOCKED = 15;
    /** Blocked by somebody outside. */
    public static final int CENSORED = 16;
    /** Blocked by wish of the client. */
    public static final int FILTERED = 17;
    /** The client may not ask. */
    public static final int PROHIBITED = 18;
    /** The absence is stale. */
    public static final int STALE_NXDOMAIN_ANSWER = 19;
    /** The server has no authority. */
    public static final int NOT_AUTHORITATIVE = 20;
    /** Not supported. */
    public static final int NOT_SUPPORTED = 21;
    /** No server with authority answers. */
    public static final int NO_REACHABLE_AUTHORITY = 22;
    /** A network error. */
    public static final int NETWORK_ERROR = 23;
    /** The zone's data is invalid. */
    public static final int INVALID_DATA = 24;
    /** A signature ends before it begins. */
    public static final int SIGNATURE_EXPIRED_BEFORE_VALID = 25;
    /** Early data. */
    public static final int TOO_EARLY = 26;
    /** NSEC3 with too many iterations. */
    public static final int UNSUPPORTED_NSEC3_ITERATIONS = 27;
    /** A policy cannot be kept. */
    public static final int UNABLE_TO_CONFORM_TO_POLICY = 28;
    /** The answer was made up from proofs. */
    public static final int SYNTHESIZED = 29;

    private static final Registry NAMES = new Registry(32)
            .add(OTHER, "other")
            .add(UNSUPPORTED_DNSKEY_ALGORITHM, "unsupported dnskey algorithm")
            .add(UNSUPPORTED_DS_DIGEST_TYPE, "unsupported ds digest type")
            .add(STALE_ANSWER, "stale answer")
            .add(FORGED_ANSWER, "forged answer")
            .add(DNSSEC_INDETERMINATE, "dnssec indeterminate")
            .add(DNSSEC_BOGUS, "dnssec bogus")
            .add(SIGNATURE_EXPIRED, "signature expired")
            .add(SIGNATURE_NOT_YET_VALID, "signature not yet valid")
            .add(DNSKEY_MISSING, "dnskey missing")
            .add(RRSIGS_MISSING, "rrsigs missing")
            .add(NO_ZONE_KEY_BIT_SET, "no zone key bit set")
            .add(NSEC_MISSING, "nsec missing")
            .add(CACHED_ERROR, "cached error")
            .add(NOT_READY, "not ready")
            .add(BLOCKED, "blocked")
            .add(CENSORED, "censored")
            .add(FILTERED, "filtered")
            .add(PROHIBITED, "prohibited")
            .add(STALE_NXDOMAIN_ANSWER, "stale nxdomain answer")
            .add(NOT_AUTHORITATIVE, "not authoritative")
            .add(NOT_SUPPORTED, "not supported")
            .add(NO_REACHABLE_AUTHORITY, "no reachable authority")
            .add(NETWORK_ERROR, "network error")
            .add(INVALID_DATA, "invalid data")
            .add(SIGNATURE_EXPIRED_BEFORE_VALID, "signature expired before valid")
            .add(TOO_EARLY, "too early")
            .add(UNSUPPORTED_NSEC3_ITERATIONS, "unsupported nsec3 iterations")
            .add(UNABLE_TO_CONFORM_TO_POLICY, "unable to conform to policy")
            .add(SYNTHESIZED, "synthesized");

    private ExtendedError() {
    }

    /**
     * The name of an extended error.
     *
     * @param code its number
     * @return its name, or null if it has none
     */
    public static String name(int code) {
        return NAMES.name(code);
    }

    /**
     * The number of an extended error's name.
     *
     * @param name in any case, or its digits
     * @return its number, or -1 if there is none
     */
    public static int parse(CharSequence name) {
        return NAMES.code(name, "", 0xffff);
    }
}
