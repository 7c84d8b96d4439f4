package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Peer;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Case 17: what a ticket says about how long it is good for is how long it is. */
class TicketLifetimeTest extends PeerFixture {
    private int times;

    @ParameterizedTest
    @CsvSource({
        "-tls1_2, 3600, 3600", "-tls1_3, 3600, 3600",
        "-tls1_2, 86400, 86400", "-tls1_3, 86400, 86400",
        "-tls1_2, 31536000, 604800", "-tls1_3, 31536000, 604800", // 7 days, RFC 8446, 4.6.1
    })
    void theHintIsTheAgeLimit(String version, long ageS, long hintS) throws IOException {
        Peer.require("openssl");
        listen("127.0.0.1:0", server(Pki.server("server")
                .sessionAgeNs(TimeUnit.SECONDS.toNanos(ageS))), new Echo());
        assertSays(hint(hintS), version);
    }

    /** The client's certificate is good for 30 days, of which some are over. */
    @ParameterizedTest
    @CsvSource({"-tls1_2", "-tls1_3"})
    void orWhatIsLeftOfACertificate(String version) throws IOException {
        Peer.require("openssl");
        TlsContext server = server(Pki.server("server").trust(Pki.file("root.pem"))
                .requireClientCertificate().sessionAgeNs(TimeUnit.DAYS.toNanos(365)));
        server.clockMs = () -> System.currentTimeMillis() + TimeUnit.DAYS.toMillis(29);
        listen("127.0.0.1:0", server, new Echo());
        assertSays("lifetime hint: 8", version, "-cert", Pki.file("client.pem"),
                "-key", Pki.file("client.key")); // a day, less the minutes since it was made
    }

    /** With TLS 1.3 a ticket that came from another has what is left of that one's time. */
    @ParameterizedTest
    @CsvSource({"-tls1_3"})
    void orWhatIsLeftOfTheFirst(String version) throws IOException {
        Peer.require("openssl");
        long[] nowMs = {System.currentTimeMillis()};
        TlsContext server = server(Pki.server("server").sessionAgeNs(TimeUnit.HOURS.toNanos(1)));
        server.clockMs = () -> nowMs[0];
        listen("127.0.0.1:0", server, new Echo());
        String file = folder.resolve("session.pem").toString();
        assertSays(hint(3_600), version, "-sess_out", file);
        nowMs[0] += TimeUnit.MINUTES.toMillis(50);
        assertSays(hint(600), version, "-sess_in", file);
    }

    private static String hint(long seconds) {
        return "lifetime hint: " + seconds + " (seconds)";
    }

    private void assertSays(String said, String... options) throws IOException {
        String[] command = new String[6 + options.length];
        System.arraycopy(new String[] {"openssl", "s_client", "-connect", "127.0.0.1:" + port(),
            "-CAfile", Pki.file("root.pem")}, 0, command, 0, 6);
        System.arraycopy(options, 0, command, 6, options.length);
        Process process = start(command);
        String sent = "there and back " + ++times;
        say(process, sent + "\n");
        turnUntil(() -> log().contains(sent)); // and so have tickets
        say(process, "Q\n"); // it ends, and prints what it has kept till then
        endOf(process);
        assertTrue(log().contains(said), this::log);
    }
}
