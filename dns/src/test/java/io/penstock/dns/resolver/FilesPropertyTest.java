package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Parsers of files that anybody may have written. */
class FilesPropertyTest {
    @Property(tries = 500)
    void anyTextIsGoneThrough(@ForAll String text) {
        new ResolvConf().parse(text);
        new ResolvConf().parse("nameserver " + text + "\nsearch " + text + "\noptions " + text);
        Hosts hosts = new Hosts(8);
        hosts.parse(text);
        hosts.parse("127.0.0.1 " + text + "\n" + text + " name\n::1%" + text + " x");
        assertTrue(hosts.size() <= 8);
    }

    @Property(tries = 300)
    void linesOfRealWordsAreGoneThrough(@ForAll List<@IntRange(max = 17) Integer> words) {
        String[] parts = {"nameserver", "search", "domain", "options", " ", "\t", "\n", "\r\n",
            "#", ";", "127.0.0.1", "::1", "fe80::1%lo", "ndots:2", "a.example", "timeout:",
            "0.0.0.0", "%"};
        StringBuilder text = new StringBuilder();
        words.forEach(i -> text.append(parts[i]));
        ResolvConf c = new ResolvConf().parse(text);
        assertTrue(c.servers() >= 1 && c.ndots() <= 15);
        new Hosts(4).parse(text);
    }
}
