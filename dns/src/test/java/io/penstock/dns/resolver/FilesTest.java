package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.dns.iana.RecordType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files as they are written, and as they change. */
class FilesTest extends ResolverFixture {
    @TempDir
    Path folder;

    // resolv.conf

    @Test
    void everythingThatTheFileSays() {
        ResolvConf c = new ResolvConf().parse("""
                # a comment
                ; another
                nameserver 192.0.2.53
                nameserver   2001:db8::53  # and more
                nameserver 127.0.0.1:5353
                nameserver [::1]:5353
                nameserver nonsense
                nameserver
                domain gone.example
                search a.example\tb.example. ..bad..
                options ndots:3 timeout:7 attempts:4 rotate edns0 trust-ad use-vc unknown:9
                """);
        assertEquals(4, c.servers());
        assertEquals("192.0.2.53:53", c.server(0).toString());
        assertEquals("[2001:db8::53]:53", c.server(1).toString());
        assertEquals("127.0.0.1:5353", c.server(2).toString());
        assertEquals("[::1]:5353", c.server(3).toString());
        assertEquals(2, c.searches());
        assertEquals(3, c.ndots());
        assertEquals(TimeUnit.SECONDS.toNanos(7), c.timeoutNs());
        assertEquals(4, c.attempts());
        assertTrue(c.isRotating() && c.isEdns0() && c.isAdTrusted() && c.isTcpOnly());
    }

    @Test
    void anEmptyFileIsTheDefaults() {
        ResolvConf c = new ResolvConf().parse("");
        assertEquals("127.0.0.1:53", c.server(0).toString());
        assertEquals(1, c.servers());
        assertEquals(1, c.ndots());
        assertEquals(2, c.attempts());
        assertEquals(TimeUnit.SECONDS.toNanos(5), c.timeoutNs());
        assertFalse(c.isRotating() || c.isEdns0() || c.isAdTrusted() || c.isTcpOnly());
    }

    @Test
    void numbersHaveLimits() {
        ResolvConf c = new ResolvConf().parse(
                "options ndots:99 timeout:9999999999 attempts:77 ndots: ndots:-1 attempts:0");
        assertEquals(15, c.ndots());
        assertEquals(TimeUnit.SECONDS.toNanos(30), c.timeoutNs());
        assertEquals(5, c.attempts());
    }

    @Test
    void thereAreLimitsToHowMany() {
        ResolvConf c = new ResolvConf().parse("nameserver 192.0.2.1\n".repeat(20)
                + "search " + "x.example ".repeat(50));
        assertEquals(ResolvConf.MAX_SERVERS, c.servers());
        assertEquals(ResolvConf.MAX_SEARCH, c.searches());
    }

    // hosts

    private Path write(String name, String text) throws IOException {
        Path next = folder.resolve(name + ".next");
        Files.writeString(next, text);
        return Files.move(next, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void hostsComeFirst() throws IOException {
        Path file = write("hosts", """
                127.0.0.1 localhost
                192.0.2.10  Db.Example db # the database
                2001:db8::10 db
                192.0.2.11 db.example
                nonsense x.example
                192.0.2.12
                """);
        config.hosts(file.toString(), 64);
        assertEquals(List.of("192.0.2.10", "192.0.2.11"),
                resolve("DB.example.", RecordType.A).addresses);
        assertEquals(2, resolve("db", Resolver.ADDRESSES).code);
        Result local = resolve("db", RecordType.AAAA);
        assertEquals(List.of("2001:db8::10"), local.addresses);
        assertTrue(local.isLocal);
        assertEquals(ReturnCode.DNS_NODATA, resolve("db.example", RecordType.AAAA).code);
        assertEquals(List.of(), server.asked);
        resolve("db.example", RecordType.MX);
        assertEquals(1, server.asked.size(), "the file has addresses alone");
    }

    /** Whoever writes a name into the file means it, though DNS would not be asked for it. */
    @Test
    void hostsComeBeforeNamesThatAreNobodys() throws IOException {
        Path file = write("hosts", "192.0.2.10 app.local\n169.254.0.1 link.example\n");
        config.hosts(file.toString(), 64);
        assertEquals(List.of("192.0.2.10"), resolve("app.local", RecordType.A).addresses);
        assertEquals(1, resolve("1.0.254.169.in-addr.arpa", RecordType.PTR).code);
        assertEquals(ReturnCode.DNS_NXDOMAIN, resolve("other.local", RecordType.A).code);
        assertEquals(List.of(), server.asked);
    }

    @Test
    void namesOfAddressesToo() throws IOException {
        Path file = write("hosts", "192.0.2.10 first.example second\n2001:db8::1 six.example\n");
        config.hosts(file.toString(), 64);
        open();
        Endpoint address = new Endpoint();
        address.parse("192.0.2.10:0");
        Result one = new Result();
        resolver.reverse(address, one, NO_DEADLINE);
        address.parse("[2001:db8::1]:0");
        Result two = new Result();
        resolver.reverse(address, two, NO_DEADLINE);
        turnUntil(() -> one.calls + two.calls == 2);
        assertTrue(one.records.get(0).endsWith("PTR first.example."), one::toString);
        assertTrue(two.records.get(0).endsWith("PTR six.example."), two::toString);
        assertEquals(List.of(), server.asked);
    }

    @Test
    void moreHostsThanThereIsRoomForAreLeftOut() {
        Hosts hosts = new Hosts(3);
        assertEquals(ReturnCode.DNS_FULL, hosts.parse("192.0.2.1 a b c d e\n"));
        assertEquals(3, hosts.size());
        assertEquals(0, hosts.parse("192.0.2.1 a b\n"));
        assertEquals(2, hosts.size());
    }

    // Changes

    @Test
    void filesAreReadAgainWhenTheyChange() throws IOException {
        ScriptedServer second = new ScriptedServer(loop);
        Path file = write("hosts", "192.0.2.10 db.example\n");
        Path resolv = write("resolv.conf", "nameserver " + server.at + "\n");
        config.hosts(file.toString(), 64).resolvConf(resolv.toString());
        resolver = new Resolver(loop, config);
        assertEquals(0, resolver.open());
        assertEquals(List.of("192.0.2.10"), resolve("db.example", RecordType.A).addresses);
        resolve("a.example", RecordType.A);
        assertEquals(1, server.asked.size());
        write("hosts", "192.0.2.11 db.example\n");
        write("resolv.conf", "nameserver " + second.at + "\n");
        assertEquals(List.of("192.0.2.10"), resolve("db.example", RecordType.A).addresses,
                "not looked at yet");
        aheadNs += 2 * SECOND;
        assertEquals(List.of("192.0.2.11"), resolve("db.example", RecordType.A).addresses);
        resolve("b.example", RecordType.A);
        assertEquals(1, second.asked.size());
        assertEquals(4, word(ResolverMetrics.RELOADS_OFFSET));
        Files.delete(file);
        aheadNs += 2 * SECOND;
        resolve("db.example", RecordType.A);
        assertEquals(2, second.asked.size());
        second.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "options use-vc\n"})
    void whatIsUnderWayGoesToTheServersThatThereAreNow(String options) throws IOException {
        server.script = q -> { };
        Path resolv = write("resolv.conf", options + "nameserver " + server.at + "\n");
        resolver = new Resolver(loop, config.resolvConf(resolv.toString()));
        assertEquals(0, resolver.open());
        Result both = start("a.example", Resolver.ADDRESSES);
        turnUntil(() -> server.asked.size() == 2);
        ScriptedServer second = new ScriptedServer(loop);
        write("resolv.conf", options + "nameserver " + second.at + "\n");
        aheadNs += SECOND + 100 * MS;
        resolve("b.example", RecordType.A);
        turnUntil(() -> both.calls > 0);
        assertEquals(List.of("192.0.2.1"), both.addresses);
        assertEquals(2, server.asked.size(), "and no more");
        assertEquals(0, word(ResolverMetrics.ISOLATED_OFFSET));
        second.close();
        turns(3);
    }

    @Test
    void aServerThatIsGoneIsNotAskedAgain() throws IOException {
        server.script = q -> { };
        ScriptedServer second = new ScriptedServer(loop);
        second.script = q -> { };
        String first = "nameserver " + server.at + "\n";
        Path resolv = write("resolv.conf", first + "nameserver " + second.at + "\n");
        resolver = new Resolver(loop, config.resolvConf(resolv.toString()));
        assertEquals(0, resolver.open());
        Result one = start("a.example", RecordType.A);
        turnUntil(() -> second.asked.size() == 1);
        write("resolv.conf", first);
        server.script = q -> q.reply().a(q.name, 300, "192.0.2.1").send();
        aheadNs += SECOND + 100 * MS;
        turnUntil(() -> one.calls > 0);
        assertEquals(1, one.code);
        assertEquals(1, second.asked.size());
        second.close();
        turns(3);
    }

    @Test
    void aFileThatCannotBeReadStaysAsItWas() throws IOException {
        Path file = write("hosts", "192.0.2.10 db.example\n");
        config.hosts(file.toString(), 64);
        resolve("db.example", RecordType.A);
        write("hosts", "192.0.2.11 db.example\n");
        aheadNs += 2 * SECOND;
        posix.fail(Syscall.OPENAT, Errno.EMFILE, 0, 1);
        assertEquals(List.of("192.0.2.10"), resolve("db.example", RecordType.A).addresses);
        aheadNs += 2 * SECOND;
        assertEquals(List.of("192.0.2.11"), resolve("db.example", RecordType.A).addresses);
    }

    @Test
    void whatCouldNotBeReadIsReadWhenItOpensAgain() throws IOException {
        Path file = write("hosts", "192.0.2.10 db.example\n");
        resolver = new Resolver(loop, config.hosts(file.toString(), 16)
                .resolvConf(conf.server(server.at)));
        posix.fail(Syscall.OPENAT, Errno.EMFILE, 0, 1);
        assertEquals(-Errno.EMFILE, resolver.open());
        assertEquals(0, resolver.open());
        assertEquals(List.of("192.0.2.10"), resolve("db.example", RecordType.A).addresses);
    }

    @Test
    void aFileThatIsTooLongIsTakenUpToAWholeLine() throws IOException {
        Path file = write("hosts", "192.0.2.1 a.example\n".repeat(20_000));
        config.hosts(file.toString(), 16);
        assertEquals(List.of("192.0.2.1"), resolve("a.example", RecordType.A).addresses);
    }

    @Test
    void theMachinesOwnFilesCanBeRead() {
        resolver = new Resolver(loop, new ResolverConfig());
        assertEquals(0, resolver.open());
        assertTrue(resolve("localhost", Resolver.ADDRESSES).code >= 1);
    }
}
