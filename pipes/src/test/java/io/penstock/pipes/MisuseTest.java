package io.penstock.pipes;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.sys.Posix;
import org.junit.jupiter.api.Test;

/** Misuse that only a bug can cause throws at construction. */
class MisuseTest {
    private final EventLoop loop = new EventLoop(new LoopConfig().handles(1));

    @Test
    void nullThrowsAtConstruction() {
        assertThrows(NullPointerException.class, () -> new PipeStream(loop, null));
        assertThrows(NullPointerException.class, () -> new StandardStream(loop, null, 0));
        assertThrows(NullPointerException.class, () -> new StandardStream((Posix) null, 0));
    }
}
