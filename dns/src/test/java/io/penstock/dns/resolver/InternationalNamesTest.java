package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.IcuNames;
import io.penstock.dns.iana.RecordType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names that are not ASCII. */
class InternationalNamesTest extends ResolverFixture {
    @Test
    void theyAreMapped() {
        config.names(new IcuNames());
        resolve("Bücher.example", RecordType.A);
        resolve("faß.example.", RecordType.A);
        resolve("日本語。example", RecordType.A);
        resolve("_sip._tcp.bücher.example", RecordType.SRV);
        assertEquals(List.of("xn--bcher-kva.example. A", "xn--fa-hia.example. A",
                "xn--wgv71a119e.example. A", "_sip._tcp.xn--bcher-kva.example. SRV"),
                server.asked);
    }

    @Test
    void whatIsNoNameIsRefused() {
        config.names(new IcuNames());
        open();
        for (String name : List.of("a\u200d.example", "\u0301a.example", "a\ud800.example")) {
            assertEquals(ReturnCode.BAD_NAME,
                    resolver.resolve(name, RecordType.A, new Result(), NO_DEADLINE), name);
        }
    }

    @Test
    void withoutAMappingTheyAreRefused() {
        open();
        assertEquals(ReturnCode.BAD_NAME,
                resolver.resolve("bücher.example", RecordType.A, new Result(), NO_DEADLINE));
    }
}
