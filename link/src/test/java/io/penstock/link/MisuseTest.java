package io.penstock.link;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Misuse that only a bug can cause throws at construction. */
class MisuseTest {
    @Test
    void nullAndNoCapacity() {
        assertThrows(NullPointerException.class, () -> new FrameReader(null, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new FrameWriter(0));
    }
}
