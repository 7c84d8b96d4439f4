package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.testing.Needs;
import io.penstock.samples.Shell.Result;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code netcat} to a name with an address of each family, which a hosts file has. */
class DialIT {
    @AutoClose
    private final Shell shell = new Shell();

    @BeforeEach
    void hosts() {
        shell.write("hosts", "127.0.0.1 six\n::1 six\n");
    }

    /** What the JVM says of the option that it was given is no output of the tool. */
    private Result run(String script) {
        Result result = shell.run(script,
                Map.of("JAVA_TOOL_OPTIONS", "-Djdk.net.hosts.file=hosts"));
        return new Result(result.status(), result.out(),
                result.err().replaceAll("Picked up JAVA_TOOL_OPTIONS.*\n", ""));
    }

    @Test
    void theAddressThatListensIsFound() {
        Result result = run("""
                netcat -N -l ::1 $PORT </dev/null >got & port $PORT
                echo delivered | netcat -N --check six $PORT; echo $?; wait; cat got
                """);
        assertEquals("0\ndelivered\n", result.out(), result.err());
        assertEquals("", result.err());
    }

    @Test
    void theFirstIsPreferred() {
        Result result = run("""
                netcat -N -l 127.0.0.1 $PORT </dev/null >got & port $PORT
                echo delivered | netcat -N -v --check six $PORT; echo $?; wait; cat got
                """);
        assertEquals("0\ndelivered\n", result.out(), result.err());
        assertEquals("Connection to 127.0.0.1:" + shell.port + " succeeded!\n", result.err());
    }

    @Test
    void whatFailedIsToldOnRequest() {
        Result result = run("""
                netcat -N -l ::1 $PORT </dev/null >got & port $PORT
                echo delivered | netcat -N -v --check --stats six $PORT; wait
                """);
        String expected = "netcat: connect to 127.0.0.1:PORT: ECONNREFUSED: connection refused\n"
                + "Connection to [::1]:PORT succeeded!\n{\"tool\":\"netcat\",\"handles\":["
                + "{\"name\":\"dialer\",\"dials\":1,\"attempts\":2,\"failed\":1,\"abandoned\":0,"
                + "\"connected\":1},";
        assertTrue(result.err().startsWith(expected.replace("PORT", "" + shell.port)),
                result.err());
    }

    @Test
    void eachAddressFailsForAReasonOfItsOwn() {
        Result result = run("netcat -s 127.0.0.1 six 1 </dev/null; echo $?");
        assertEquals("1\n", result.out());
        assertEquals("netcat: connect to 127.0.0.1:1: ECONNREFUSED: connection refused\n",
                result.err().lines().findFirst().orElse("") + "\n");
        assertTrue(result.err().contains("netcat: connect to [::1]:1: E"), result.err());
        assertEquals(2, result.err().lines().count(), result.err());
    }

    /** A peer that is not who it should be is no reason not to try the next address. */
    @Test
    @Needs("openssl")
    void anotherPeerIsPassedOver() {
        String sign = """
                openssl req -x509 -newkey rsa:2048 -nodes -keyout NAME.key -out NAME.pem \\
                  -subj /CN=six -addext subjectAltName=DNS:six -days 3 2>>openssl.log
                """;
        Result result = run(sign.replace("NAME", "right") + sign.replace("NAME", "wrong") + """
                netcat -N -l -c -C wrong.pem -K wrong.key 127.0.0.1 $PORT </dev/null 2>told &
                port $PORT
                netcat -6 -N -l -c -C right.pem -K right.key ::1 $PORT </dev/null >got &
                for i in {1..400}; do grep -q "$(printf '0001:%04X 0*:0000 0A' $PORT)" \\
                  /proc/net/tcp6 && break; sleep 0.02; done
                echo delivered | netcat -c -N -v --check -R right.pem six $PORT; echo $?
                wait; cat got
                """);
        assertEquals("0\ndelivered\n", result.out(), result.err());
        assertTrue(result.err().contains("netcat: connect to 127.0.0.1:" + shell.port
                + ": TLS_CERTIFICATE_UNTRUSTED"), result.err());
        assertTrue(result.err().contains("Connection to [::1]:" + shell.port), result.err());
    }
}
