package io.penstock.dns.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Tag;

/** A short search, led by coverage; without {@code JAZZER_FUZZ=1} a run over an empty input. */
@Tag("fuzz")
class WireFuzzTest {
    private final WireTarget target = new WireTarget();

    @FuzzTest(maxDuration = "10s")
    void anything(byte[] input) {
        target.anything(input);
    }
}
