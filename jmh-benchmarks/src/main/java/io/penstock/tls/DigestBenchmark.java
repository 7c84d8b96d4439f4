package io.penstock.tls;

import org.openjdk.jmh.annotations.Param;

/** SHA-256 and HMAC of 16 KiB and of 64 B, beside those of the JDK; tcnative has none. */
public class DigestBenchmark extends TlsWorkBenchmark {
    /** Which: see {@code tls.c}. */
    @Param({"sha16k", "sha64", "hmac16k", "hmac64"})
    public String kind;

    @Override
    protected String kind() {
        return kind;
    }
}
