package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import java.nio.charset.StandardCharsets;

/**
 * The text of resolv.conf and of hosts: whatever it says, it is gone through, within the limits,
 * and to the same end every time. The first octet of the input says which of the two it is.
 */
public final class FilesTarget {
    private static final int HOSTS = 16;
    private static final ResolvConf CONF = new ResolvConf();
    private static final Hosts NAMES = new Hosts(HOSTS);
    private static final Endpoint ADDRESS = new Endpoint();

    private FilesTarget() {
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
        String text = new String(input, 1, input.length - 1, (input[0] & 2) == 0
                ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
        if ((input[0] & 1) == 0) {
            conf(text);
        } else {
            hosts(text);
        }
    }

    private static void conf(String text) {
        CONF.parse(text);
        String before = said();
        assertTrue(CONF.servers() >= 1 && CONF.servers() <= ResolvConf.MAX_SERVERS);
        assertTrue(CONF.searches() >= 0 && CONF.searches() <= ResolvConf.MAX_SEARCH);
        assertTrue(CONF.ndots() >= 0 && CONF.ndots() <= 15);
        assertTrue(CONF.attempts() >= 1 && CONF.attempts() <= 5);
        assertTrue(CONF.timeoutNs() >= 1_000_000_000L && CONF.timeoutNs() <= 30_000_000_000L);
        for (int i = 0; i < CONF.servers(); i++) {
            assertTrue(CONF.server(i).isIpv4() || CONF.server(i).isIpv6());
            assertEquals(0, ADDRESS.parse(CONF.server(i).toString()));
        }
        assertEquals(before, CONF.parse(text) == null ? null : said());
    }

    private static String said() {
        StringBuilder said = new StringBuilder().append(CONF.searches()).append(' ')
                .append(CONF.ndots()).append(' ').append(CONF.attempts()).append(' ')
                .append(CONF.timeoutNs());
        for (int i = 0; i < CONF.servers(); i++) {
            CONF.server(i).appendTo(said.append(' '));
        }
        return said.toString();
    }

    private static void hosts(String text) {
        int rc = NAMES.parse(text);
        int size = NAMES.size();
        assertTrue(rc == 0 || rc == ReturnCode.DNS_FULL, () -> ReturnCode.describe(rc));
        assertTrue(size >= 0 && size <= HOSTS);
        assertEquals(rc, NAMES.parse(text));
        assertEquals(size, NAMES.size());
    }
}
