package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Close;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.Stream;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Needs;
import io.penstock.dns.iana.HeaderFlag;
import io.penstock.dns.iana.RecordClass;
import io.penstock.dns.iana.RecordType;
import io.penstock.dns.wire.Message;
import io.penstock.dns.wire.MessageWriter;
import io.penstock.dns.wire.Section;
import io.penstock.tls.TlsAcceptor;
import io.penstock.tls.TlsConnector;
import io.penstock.tls.TlsContext;
import io.penstock.tls.TlsMetrics;
import io.penstock.udp.DatagramBatch;
import io.penstock.udp.DatagramHandler;
import io.penstock.udp.UdpSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lookups allocate nothing on the Java heap, nor does the server that answers them here. */
@Tag("allocation")
class AllocationTest implements DatagramHandler, StreamHandler, LookupHandler {
    private static final int WARM_UP = 200;
    private static final int COUNT = 100;

    @TempDir
    Path folder;

    private final EventLoop loop = new EventLoop(new LoopConfig().handles(256));
    private final UdpSocket udp = new UdpSocket(loop, this, new DatagramBatch(8, 2048));
    private final Listener tcp = new Listener(loop, this, 8);
    private final Endpoint at = Ports.free();
    private final Endpoint from = new Endpoint();
    private final Endpoint found = new Endpoint();
    private final Message question = new Message();
    private final MessageWriter writer = new MessageWriter();
    private final NativeBuffer out = NativeBuffer.allocate(4096);
    private final ResolvConf conf = new ResolvConf();
    private Resolver resolver;
    private int ttl;
    private int answers;
    private int wanted;
    private final BooleanSupplier isAnswered = () -> answers >= wanted;
    private int last;

    @BeforeEach
    void open() throws IOException {
        assertEquals(0, loop.open());
        assertEquals(0, udp.bind(at));
        assertEquals(0, udp.resume());
        assertEquals(0, tcp.listen(at, 8));
        Path hosts = Files.writeString(folder.resolve("hosts"), "192.0.2.10 db.example\n");
        resolver = new Resolver(loop, new ResolverConfig().lookups(8).hosts(hosts.toString(), 64)
                .resolvConf(conf.server(at).search("example").ndots(2)).reloadNs(0));
        assertEquals(0, resolver.open());
    }

    @AfterEach
    void close() {
        loop.close();
    }

    /** A pool for 256 lookups: the sockets of a thousand queries share what a call needs. */
    @Test
    void poolsAreSmall() {
        long before = Allocation.bytes();
        Resolver large = new Resolver(loop, new ResolverConfig().lookups(256));
        long bytes = Allocation.bytes() - before;
        assertTrue(bytes < 3_500_000, large + " took " + bytes + " bytes of heap to make");
    }

    private void lookUp(CharSequence name, int type) {
        int before = answers;
        assertTrue(resolver.resolve(name, type, this, Resolver.NO_DEADLINE) >= 0);
        awaitAnswers(before + 1);
        assertTrue(last > 0);
    }

    private void awaitAnswers(int n) {
        wanted = n;
        Pump.until(loop, isAnswered);
    }

    @Test
    void overUdp() {
        Allocation.assertNone("A", WARM_UP, COUNT, () -> lookUp("www.example.com", RecordType.A));
        Allocation.assertNone("A + AAAA, searched", WARM_UP, COUNT,
                () -> lookUp("www", Resolver.ADDRESSES));
        Allocation.assertNone("SRV", WARM_UP, COUNT, () -> lookUp("a.b.c", RecordType.SRV));
    }

    private void reopen(ResolverConfig config) {
        resolver.close();
        Pump.turns(loop, 1);
        resolver = new Resolver(loop, config.lookups(8).resolvConf(conf).hosts("/nowhere", 8));
        assertEquals(0, resolver.open());
    }

    @Test
    void overTcp() {
        conf.useTcp(true);
        reopen(new ResolverConfig());
        Allocation.assertNone("A", WARM_UP, COUNT, () -> lookUp("www.example.com", RecordType.A));
    }

    @Test
    @Needs("openssl")
    void overTls() {
        Certificates.make(folder, "good", "IP:127.0.0.1");
        TlsContext server = TlsContext.server(loop, Certificates.identity(folder, "good"));
        TlsContext client = TlsContext.client(loop, Certificates.trust(folder, "good"));
        assertEquals(0, server.open());
        assertEquals(0, client.open());
        Endpoint where = Ports.free();
        Listener tls = new Listener(loop, new TlsAcceptor(server, this, 8), 8);
        assertEquals(0, tls.listen(where, 8));
        TlsConnector connector = new TlsConnector(client);
        reopen(new ResolverConfig()
                .secure(ResolverConfig.Privacy.STRICT, connector, where.port()));
        Allocation.assertNone("A", WARM_UP, COUNT, () -> lookUp("www.example.com", RecordType.A));
        reopen(new ResolverConfig().idleNs(1)
                .secure(ResolverConfig.Privacy.STRICT, connector, where.port()));
        BooleanSupplier isDisconnected = () -> tls.connections() == 0;
        Allocation.assertNone("a connection each", WARM_UP, COUNT, () -> {
            lookUp("www.example.com", RecordType.A);
            Pump.until(loop, isDisconnected);
        });
        assertTrue(client.counter(TlsMetrics.RESUMED_OFFSET) > COUNT);
        client.close();
        server.close();
    }

    @Test
    void fromTheCache() {
        ttl = 3600;
        Lookup lookup = new Lookup();
        Allocation.assertNone("resolve", WARM_UP, COUNT,
                () -> lookUp("www.example.com", RecordType.A));
        Allocation.assertNone("cached", WARM_UP, COUNT, () -> {
            assertEquals(1, resolver.cached("www.example.com", RecordType.A, lookup));
            assertEquals(0, lookup.address(0, 80, found));
        });
    }

    @Test
    void fromTheHostsFile() {
        Allocation.assertNone("hosts", WARM_UP, COUNT, () -> lookUp("db.example", RecordType.A));
        Allocation.assertNone("literal", WARM_UP, COUNT, () -> lookUp("192.0.2.1", RecordType.A));
        Allocation.assertNone("localhost", WARM_UP, COUNT, () -> lookUp("localhost", 0));
        found.parse("192.0.2.10:0");
        Allocation.assertNone("reverse", WARM_UP, COUNT, () -> {
            int before = answers;
            resolver.reverse(found, this, Resolver.NO_DEADLINE);
            awaitAnswers(before + 1);
        });
    }

    @Test
    void joinedAndCancelled() {
        Allocation.assertNone("joined", WARM_UP, COUNT, () -> {
            int before = answers;
            resolver.resolve("www.example.com", RecordType.A, this, Resolver.NO_DEADLINE);
            resolver.resolve("www.example.com", RecordType.A, this, Resolver.NO_DEADLINE);
            long token = resolver.resolve("other.example.com", RecordType.A, this,
                    loop.nowNs() + 1_000_000_000);
            Pump.turns(loop, 1);
            assertEquals(0, resolver.cancel(token));
            awaitAnswers(before + 2);
        });
    }

    @Override
    public void onAnswer(Lookup lookup, int result) {
        answers++;
        last = result;
        for (int i = 0; i < lookup.addresses(); i++) {
            lookup.address(i, 443, found);
        }
        while (lookup.nextRecord()) {
            lookup.record().ttl();
        }
    }

    // The server

    private int answer(DirectBuffer buffer, int offset, int length, int outOffset) {
        question.wrap(buffer, offset, length);
        question.nextQuestion();
        NativeBuffer name = question.buffer();
        int at = question.questionName();
        int type = question.questionType();
        writer.wrap(out, outOffset, out.capacity() - outOffset);
        writer.header(question.id(), HeaderFlag.QR | HeaderFlag.RA);
        writer.question(question);
        writer.section(Section.ANSWER);
        writer.begin(name, at, type, RecordClass.IN, ttl);
        switch (type) {
            case RecordType.A -> writer.u32(0xc000_0201L);
            case RecordType.AAAA -> writer.u64(0).u64(1);
            default -> writer.u16(1).u16(2).u16(3).u8(0);
        }
        assertEquals(0, writer.end());
        return writer.finish();
    }

    @Override
    public void onDatagrams(UdpSocket socket, DatagramBatch batch, int count) {
        for (int slot = 0; slot < count; slot++) {
            int n = answer(batch.buffer(), batch.offset(slot), batch.length(slot), 0);
            batch.sender(slot, from);
            assertEquals(n, socket.send(out, 0, n, from));
        }
    }

    @Override
    public void onClose(UdpSocket socket, int result) {
    }

    @Override
    public void onOpen(Stream stream) {
        stream.resume();
    }

    @Override
    public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
        int n = answer(buffer, offset + 2, length - 2, 2);
        out.putShort(0, (short) n, java.nio.ByteOrder.BIG_ENDIAN);
        stream.write(out, 0, n + 2);
    }

    @Override
    public void onWritable(Stream stream) {
    }

    @Override
    public void onEnd(Stream stream) {
        stream.close(Close.NOW);
    }

    @Override
    public void onClose(Stream stream, int result) {
        assertTrue(result == 0 || result == ReturnCode.CLOSED);
    }
}
