package io.penstock.proof.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Addresses as text, which is refused or comes through a round trip, and as the bytes of a
 * sockaddr, which can be anything. The first octet of the input says which.
 */
public final class EndpointTarget {
    private static final String BEFORE = "192.0.2.1:1";
    private static final Endpoint ADDRESS = new Endpoint();
    private static final Endpoint AGAIN = new Endpoint();
    private static final NativeBuffer BYTES = NativeBuffer.allocate(Endpoint.LENGTH_OFFSET + 8);

    private EndpointTarget() {
    }

    /**
     * Called by Jazzer.
     *
     * @param input of its choice
     */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        switch (input[0] & 3) {
            case 0 -> text(new String(rest, StandardCharsets.ISO_8859_1));
            case 1 -> text(new String(rest, StandardCharsets.UTF_8));
            case 2 -> text(new String(rest, StandardCharsets.UTF_16LE)); // unpaired surrogates too
            default -> bytes(rest);
        }
    }

    private static void text(String text) {
        assertEquals(0, ADDRESS.parse(BEFORE));
        int rc = ADDRESS.parse(text);
        if (rc == 0) {
            String printed = ADDRESS.toString();
            assertEquals(0, AGAIN.parse(printed), printed);
            assertEquals(ADDRESS, AGAIN);
            assertEquals(printed, AGAIN.toString());
        } else {
            assertTrue(rc == ReturnCode.BAD_ADDRESS || rc == ReturnCode.NAME_TOO_LONG
                    || rc <= ReturnCode.ADDRESS_NO_PORT && rc >= ReturnCode.ADDRESS_NO_BRACKETS
                    || rc > -4096 && rc < 0, () -> ReturnCode.describe(rc));
            assertEquals(BEFORE, ADDRESS.toString(), text);
        }
    }

    private static void bytes(byte[] rest) {
        int length = Math.min(rest.length, Endpoint.MAX_BYTES);
        BYTES.setMemory(0, BYTES.capacity(), (byte) 0);
        BYTES.putBytes(0, rest, 0, length);
        Endpoint address = new Endpoint();
        if (address.wrap(BYTES, 0, BYTES.capacity()) == 0 && address.length(length) == 0) {
            String printed = address.toString();
            if (address.isIpv4() || address.isIpv6()) {
                assertEquals(0, AGAIN.parse(printed), printed);
                assertEquals(printed, AGAIN.toString());
            }
        }
    }
}
