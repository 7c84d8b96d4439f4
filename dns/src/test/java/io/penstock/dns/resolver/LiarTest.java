package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.Rcode;
import io.penstock.dns.iana.RecordType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that does everything at once and at random: drops, delays, reorders, lies about numbers,
 * ports, questions and times, truncates, refuses, cuts and floods. Whatever it does, each lookup
 * ends once, and nobody is told what was forged.
 */
class LiarTest extends ResolverFixture {
    private static final String FORGED = "203.0.113.66";
    private static final int LOOKUPS = 120;
    private static final int AT_ONCE = 16;

    private final List<ScriptedServer.Question> late = new ArrayList<>();
    private Random random;

    private void truth(ScriptedServer.Question q) {
        if (q.type == RecordType.A) {
            q.reply().a(q.name, random.nextInt(3), "192.0.2." + q.name.length()).send();
        } else {
            q.nodata(1);
        }
    }

    private void lie(ScriptedServer.Question q) {
        switch (random.nextInt(9)) {
            case 0 -> q.reply(q.id ^ 1 + random.nextInt(9), q.name, q.type)
                    .a(q.name, 60, FORGED).send();
            case 1 -> q.reply("other." + q.name, q.type).a(q.name, 60, FORGED).send();
            case 2 -> q.reply(q.name, RecordType.TXT).a(q.name, 60, FORGED).send();
            case 3 -> q.reply().a("victim.example.", -1, FORGED).a(q.name, 0, "192.0.2."
                    + q.name.length()).send();
            case 4 -> {
                for (int i = 0; i < 20; i++) {
                    q.reply(random.nextInt(1 << 16) & ~q.id, q.name, q.type)
                            .a(q.name, 60, FORGED).send();
                }
            }
            case 5 -> q.reply().flags(HeaderFlag.TC, 0).send();
            case 6 -> q.reply().flags(0, random.nextBoolean() ? Rcode.SERVFAIL : Rcode.REFUSED)
                    .send();
            case 7 -> q.reply().flags(0, Rcode.FORMERR).send();
            default -> {
                if (q.isTcp()) {
                    q.stream.close();
                } else {
                    q.reply().a(q.name, 60, FORGED).sendFromStranger();
                    q.reply().a(q.name, 60, FORGED).sendCut(1 + random.nextInt(9));
                }
            }
        }
    }

    private void anything(ScriptedServer.Question q) {
        int n = random.nextInt(10);
        if (n < 5) {
            lie(q);
        }
        if (n < 8) {
            truth(q);
        } else if (n == 8) {
            late.add(q);
        }
        if (late.size() > 3) {
            truth(late.remove(random.nextInt(late.size())));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whateverItDoesNobodyBelievesIt(long seed) {
        random = new Random(seed);
        conf.timeoutNs(60 * MS).attempts(3);
        config.timeouts(10 * MS, 5 * MS).failureTtl(0);
        server.script = this::anything;
        List<Result> results = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < LOOKUPS; i++) {
            String name = "n".repeat(1 + random.nextInt(40)) + "." + random.nextInt(50)
                    + ".example.";
            names.add(name);
            results.add(start(name, random.nextInt(8) == 0 ? Resolver.ADDRESSES : RecordType.A));
            turnUntil(() -> results.stream().filter(r -> r.calls == 0).count() < AT_ONCE);
        }
        turnUntil(() -> results.stream().allMatch(r -> r.calls > 0));
        int answered = 0;
        for (int i = 0; i < LOOKUPS; i++) {
            Result result = results.get(i);
            assertEquals(1, result.calls);
            if (result.code > 0) {
                answered++;
                assertEquals(List.of("192.0.2." + names.get(i).length()), result.addresses);
            }
        }
        assertTrue(answered > LOOKUPS / 2, answered + " were answered");
        assertEquals(0, word(ResolverMetrics.UNDER_WAY_OFFSET));
    }
}
