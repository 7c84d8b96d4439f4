package io.penstock.dns.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * A long search, led by coverage, that no build runs by itself: {@code JAZZER_FUZZ=1 ./mvnw -pl dns
 * -am verify -Dtest=WireFuzzLong -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class WireFuzzLong {
    private final WireTarget target = new WireTarget();

    @FuzzTest(maxDuration = "10m")
    void anything(byte[] input) {
        target.anything(input);
    }
}
