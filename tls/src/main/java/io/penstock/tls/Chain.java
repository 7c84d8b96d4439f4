package io.penstock.tls;

import io.penstock.tls.openssl.Crypto;
import io.penstock.tls.openssl.Memory;
import io.penstock.tls.openssl.Ssl;

/**
 * When a chain of certificates expires, by the library's times.
 *
 * <pre>
 *   struct tm   0     4     8      12    16      20
 *               +-----+-----+------+-----+-------+------+----
 *               | sec | min | hour | day | month | year | …
 *               +-----+-----+------+-----+-------+------+----
 * </pre>
 */
final class Chain {
    /** Room for a struct tm. */
    static final int TIME_BYTES = 64;

    private static final int MINUTE_OFFSET = 4;
    private static final int HOUR_OFFSET = 8;
    private static final int DAY_OFFSET = 12;
    private static final int MONTH_OFFSET = 16;
    private static final int YEAR_OFFSET = 20;
    private static final int FIRST_YEAR = 1900;
    private static final long DAY_S = 86_400;

    private Chain() {
    }

    /**
     * When the first of the verified certificates expires.
     *
     * @param scratch memory of {@link #TIME_BYTES}
     * @return milliseconds since 1970; {@link Proof#NEVER_MS} if none were verified
     */
    static long expiresMs(long ssl, long scratch) {
        long chain = Ssl.SSL_get0_verified_chain(ssl);
        long first = Proof.NEVER_MS;
        int count = chain == 0 ? 0 : Crypto.OPENSSL_sk_num(chain);
        for (int i = 0; i < count; i++) {
            long time = Crypto.X509_getm_notAfter(Crypto.OPENSSL_sk_value(chain, i));
            first = Math.min(first, ms(time, scratch));
        }
        return first;
    }

    /** A time of the library, in milliseconds since 1970; 0, which is long ago, if it is bad. */
    static long ms(long time, long scratch) {
        if (Crypto.ASN1_TIME_to_tm(time, scratch) != 1) {
            return 0;
        }
        long days = days(Memory.getInt(scratch + YEAR_OFFSET) + FIRST_YEAR,
                Memory.getInt(scratch + MONTH_OFFSET) + 1, Memory.getInt(scratch + DAY_OFFSET));
        long minutes = Memory.getInt(scratch + HOUR_OFFSET) * 60L
                + Memory.getInt(scratch + MINUTE_OFFSET);
        return (days * DAY_S + minutes * 60 + Memory.getInt(scratch)) * 1_000;
    }

    /** Days since 1970, of the Gregorian calendar: java.time would allocate. */
    private static long days(int year, int month, int day) {
        int years = month <= 2 ? year - 1 : year; // a year from March on ends with its leap day
        int months = (month + 9) % 12;
        long leaps = years / 4 - years / 100 + years / 400;
        return years * 365L + leaps + (153 * months + 2) / 5 + day - 1 - 719_468;
    }
}
