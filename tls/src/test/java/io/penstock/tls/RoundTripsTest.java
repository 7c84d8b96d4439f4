package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.NativeBuffer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How often a client must wait for its server until it is open. With OpenSSL 3.5, which
 * {@code -Dpenstock.openssl=FOLDER} may name, the rows with ML-KEM are run as well.
 */
class RoundTripsTest extends TlsFixture {
    private static final String POST_QUANTUM = "X25519MLKEM768";

    private final Recorder near = new Recorder();
    private final Recorder far = new Recorder();
    private final NativeBuffer flight = NativeBuffer.allocate(1 << 16);

    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource(delimiter = '|', value = {
        "                               |                       | 1 |",
        "                               | X25519                | 1 | x25519",
        "                               | X25519 P-256          | 1 | x25519",
        "                               | P-256                 | 2 | secp256r1",
        "X25519                         |                       | 1 | x25519",
        "X25519 P-256                   | P-256                 | 2 | secp256r1",
        "P-256 X25519                   | X25519 P-256          | 1 | secp256r1",
    })
    void withAnyLibrary(String asked, String known, int trips, String group) {
        assertTrips(asked, known, trips, group);
    }

    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource(delimiter = '|', value = {
        "                               |                       | 1 | X25519MLKEM768",
        "                               | X25519MLKEM768        | 1 | X25519MLKEM768",
        "                               | X25519MLKEM768 X25519 | 1 | X25519MLKEM768",
        "                               | X25519 X25519MLKEM768 | 1 |",
        "X25519MLKEM768                 |                       | 1 | X25519MLKEM768",
        "X25519MLKEM768 X25519          | X25519                | 1 | x25519",
        "X25519MLKEM768 P-256 X25519    | P-256                 | 1 | secp256r1",
        "X25519MLKEM768 P-256 X25519    | X25519                | 2 | x25519",
        "X25519 X25519MLKEM768          |                       | 1 | x25519",
        "X25519 X25519MLKEM768          | X25519MLKEM768        | 2 | X25519MLKEM768",
    })
    void withOneThatHasMlKem(String asked, String known, int trips, String group) {
        Assumptions.assumeTrue(hasMlKem(), OpenSsl.version() + " has no " + POST_QUANTUM);
        assertTrips(asked, known, trips, group);
    }

    private boolean hasMlKem() {
        TlsContext context = TlsContext.client(loop, new TlsConfig().groups(POST_QUANTUM));
        if (context.open() < 0) {
            return false;
        }
        context.close();
        return true;
    }

    private static TlsConfig with(TlsConfig config, String groups) {
        return groups == null ? config : config.groups(groups.split(" "));
    }

    private void assertTrips(String asked, String known, int trips, String group) {
        TlsStream client = new TlsStream(client(with(Pki.client(), asked)), near)
                .host("localhost");
        TlsStream server = new TlsStream(server(with(Pki.server("server"), known)), far);
        assertEquals(trips, trips(client, server));
        assertEquals(client.outcome().group(), server.outcome().group());
        if (group != null) {
            assertEquals(group, client.outcome().group());
        }
        client.close();
        server.close();
        turns(3);
    }

    private int trips(TlsStream client, TlsStream server) {
        Wire up = new Wire(loop, client.transport());
        Wire down = new Wire(loop, server.transport());
        assertEquals(0, up.begin());
        assertEquals(0, down.begin());
        assertEquals(0, client.open(up));
        assertEquals(0, server.open(down));
        client.transport().onOpen(up);
        server.transport().onOpen(down);
        turns(1);
        int trips = 0;
        while (near.count("open") == 0) {
            trips++;
            assertTrue(carry(up, down) > 0 && carry(down, up) > 0 && trips < 5, "it stands");
        }
        carry(up, down);
        assertEquals(1, far.count("open"));
        return trips;
    }

    private int carry(Wire from, Wire to) {
        int n = from.sentBytes;
        flight.putBytes(0, from.sent, 0, n);
        from.sentBytes = 0;
        if (n > 0) {
            to.bring(flight, 0, n);
            turns(1);
        }
        return n;
    }
}
