package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.IcuNames;
import io.penstock.udp.UdpSocket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom a client expects, however it is written, and what is no name of a host. */
class NamesTest extends TlsFixture {
    private final Echo echo = new Echo();
    private final Recorder recorder = new Recorder();

    private TlsStream shake(TlsConfig config, String host) {
        TlsStream stream = new TlsStream(client(config), recorder).host(host);
        connect(stream);
        turnUntil(() -> !recorder.calls.isEmpty() && !echo.calls.isEmpty());
        return stream;
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "localhost\0.evil.example", "localhost\0", "\0", " ", "local host", "localhost\n",
        ".", "..", ".localhost", ".test", "localhost..", "a..example.org", "*.example.org", "*",
        "localhost:443", "user@localhost", "localhost/", "https://localhost", "localhost%lo",
        "1.2.3", "1.2.3.4.5", "0x7f.1", "0x7f000001", "127.1", "2130706433", "256.1.1.1",
        "127.0.0.01", "01.2.3.4", "+1.2.3.4", "1.2.3.4 ", "1.2.3.4:443", "[1.2.3.4]", "[::1",
        "::1]", "[]", ":", "::1::", "[::1]:443", "[::1].", "::1%", "::1%a\0b", "::1%a b",
        "::ffff:1.2.3", "@localhost", "unix:/a", "/a",
    })
    void whatIsNoHostIsACode(String name) {
        assertRefused(ReturnCode.TLS_HOST_INVALID, name, new TlsConfig().trustSystem());
        assertRefused(ReturnCode.TLS_HOST_INVALID, name, new TlsConfig().acceptAnyPeer());
    }

    private void assertRefused(int code, String name, TlsConfig config) {
        TlsStream stream = new TlsStream(client(config), recorder).host(name);
        assertCode(code, stream.open(null));
        TlsContext datagrams = opened(TlsContext.dtlsClient(loop, config));
        DtlsConnection dtls = new DtlsConnection(datagrams, new DtlsFixture.DtlsRecorder());
        UdpSocket socket = new UdpSocket(
                loop, dtls.transport(), new io.penstock.udp.DatagramBatch(1, 2048));
        Endpoint nobody = new Endpoint();
        assertEquals(0, nobody.parse("127.0.0.1:9"));
        assertEquals(0, socket.connect(nobody));
        assertCode(code, dtls.host(name).open(socket));
        socket.close();
        turns(2);
    }

    @Test
    void aNameOrLabelMayNotBeTooLong() {
        String label = "a".repeat(63);
        String longest = (label + ".").repeat(3) + "a".repeat(61);
        assertEquals(253, longest.length());
        assertRefused(ReturnCode.TLS_HOST_INVALID, "a" + label + ".example", new TlsConfig());
        assertRefused(ReturnCode.TLS_HOST_INVALID, longest + "a", new TlsConfig());
        listen("127.0.0.1:0", server(Pki.server("server")), echo);
        assertEquals(longest, asked(new TlsConfig().acceptAnyPeer(), longest + "."));
    }

    /** What a server hears that it is asked for. */
    private String asked(TlsConfig config, String name) {
        shake(config, name);
        turnUntil(() -> recorder.count("open") == 1 && echo.count("open") == 1);
        String asked = echo.tls().outcome().serverName();
        recorder.tls().close();
        turnUntil(() -> recorder.count("close") == 1 && echo.count("close") == 1);
        recorder.calls.clear();
        echo.calls.clear();
        return asked;
    }

    @Test
    void nobodyIsMissingAndMayBeWhereNobodyIsExpected() {
        assertRefused(ReturnCode.TLS_HOST_MISSING, "", new TlsConfig());
        listen("127.0.0.1:0", server(Pki.server("server")), echo);
        assertEquals("", asked(new TlsConfig().acceptAnyPeer(), ""));
    }

    @ParameterizedTest
    @CsvSource({
        "localhost.,localhost", "LocalHost,localhost", "A.EXAMPLE.ORG.,a.example.org",
        "-a-.example.org,-a-.example.org",
        "127.0.0.1,''", "127.0.0.1.,''", "::1,''", "[::1],''", "0:0::0:1,''", "[::1%lo],''",
        "::1%25lo,''", "::0.0.0.1,''",
    })
    void itIsOneNameHoweverItIsWritten(String written, String asked) {
        listen("127.0.0.1:0", server(Pki.server("server")), echo);
        assertEquals(asked, asked(Pki.client(), written));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.2", "::2", "[::2]", "::ffff:127.0.0.1", "example.org"})
    void anotherIsRefused(String name) {
        listen("127.0.0.1:0", server(Pki.server("server")), echo);
        shake(Pki.client(), name);
        turnUntil(() -> recorder.count("close") == 1);
        assertCode(ReturnCode.TLS_WRONG_HOST, recorder.result);
    }

    /** RFC 9525: the subject of a certificate is no name of a host, even if there is no other. */
    @Test
    void theSubjectIsNoName() {
        listen("127.0.0.1:0", server(Pki.server("root")), echo);
        shake(Pki.client(), "root");
        turnUntil(() -> recorder.count("close") == 1);
        assertCode(ReturnCode.TLS_WRONG_HOST, recorder.result);
    }

    @Test
    void namesThatAreNotAsciiAreMapped() {
        listen("127.0.0.1:0", server(Pki.server("server")), echo);
        assertEquals("xn--bcher-kva.example.org",
                asked(Pki.client().names(new IcuNames()), "B\u00fccher.example\u3002org."));
        assertEquals("localhost",
                asked(Pki.client().names(new IcuNames()), "\uff4co\u00adcalhost"));
        assertEquals("", asked(Pki.client().names(new IcuNames()), "\uff11\uff127.0.0.1"));
    }

    @Test
    void orThereIsACode() {
        for (String name : List.of("b\u00fccher.example", "\u00ad", "localho\u017ft")) {
            assertRefused(ReturnCode.BAD_NAME, name, new TlsConfig());
        }
        assertRefused(ReturnCode.BAD_NAME, "a\ud800.example",
                new TlsConfig().names(new IcuNames()));
        assertRefused(ReturnCode.TLS_HOST_INVALID, "b\u00fccher.exam ple",
                new TlsConfig().names(new IcuNames()));
        assertRefused(ReturnCode.BAD_NAME, "\u00ad",
                new TlsConfig().names(new IcuNames()));
        assertRefused(ReturnCode.TLS_HOST_INVALID, "\uff0alocalhost",
                new TlsConfig().names(new IcuNames()));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "*", "*.", ".", "a*.example.org", "*.*.example.org", "**.example.org", ".example.org",
        "a.example.org\0b", "127.0.0.1", "*.127.0.0.1", "::1", "a b", "a..b", "a:443",
    })
    void aServersNamesTo(String name) {
        TlsConfig config = Pki.server("server").host(name, Pki.server("other"));
        TlsContext context = TlsContext.server(loop, config);
        assertCode(ReturnCode.TLS_HOST_INVALID, context.open());
        assertTrue(context.failureText().startsWith("host \""), context.failureText());
    }

    @ParameterizedTest
    @CsvSource({
        "OTHER.example.net.,other.example.net", "*.Example.NET.,other.example.net",
        "*.example.net,OTHER.EXAMPLE.NET.",
    })
    void andTheyAreFoundHoweverTheyAreWritten(String written, String wanted) {
        listen("127.0.0.1:0", server(Pki.server("server").refuseUnknownHosts()
                .host(written, Pki.server("other"))), echo);
        assertEquals("other.example.net", asked(Pki.client(), wanted));
    }

    @Test
    void namesOfAServerAreMappedToo() {
        TlsConfig config = Pki.server("server").host("b\u00fccher.example", Pki.server("other"));
        assertCode(ReturnCode.BAD_NAME, TlsContext.server(loop, config).open());
        listen("127.0.0.1:0", server(config.names(new IcuNames())), echo);
        shake(Pki.client(), "xn--bcher-kva.example");
        turnUntil(() -> recorder.count("close") == 1);
        assertCode(ReturnCode.TLS_WRONG_HOST, recorder.result); // and not the other one's
        assertEquals(List.of("close"), recorder.calls);
    }
}
