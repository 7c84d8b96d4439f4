package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Posix;
import org.junit.jupiter.api.Test;

/** Misuse throws at once; an address that lacks something is a code. */
class MisuseTest extends UdpFixture {
    @Test
    void nullAndNoCapacityThrowAtConstruction() {
        assertThrows(NullPointerException.class, () -> new UdpSocket(loop, null, batch));
        assertThrows(NullPointerException.class, () -> new UdpSocket((Posix) null));
        assertThrows(IllegalArgumentException.class, () -> new DatagramBatch(0, 100));
        assertThrows(IllegalArgumentException.class, () -> new DatagramBatch(1, 0));
        assertThrows(NullPointerException.class, () -> new DatagramBatch(null, 1, 1));
    }

    @Test
    void anAddressThatIsMissingIsACode() {
        UdpSocket socket = new UdpSocket();
        assertEquals(ReturnCode.ADDRESS_MISSING, socket.bind(new Endpoint()));
        assertEquals(ReturnCode.ADDRESS_MISSING, socket.connect(new Endpoint()));
        assertFalse(socket.isOpen());
    }
}
