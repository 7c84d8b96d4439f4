package io.penstock.tls;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.SocketStream;
import io.penstock.core.net.Stream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A program that puts itself in the place of the library's allocator, connects a great many times,
 * with success and without, and prints how many allocations are left of each thousand.
 */
@SuppressWarnings("restricted")
final class LeakProbe {
    private static final AtomicLong LIVE = new AtomicLong();
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle MALLOC = libc("malloc", JAVA_LONG);
    private static final MethodHandle REALLOC = LINKER.downcallHandle(
            LINKER.defaultLookup().find("realloc").orElseThrow(),
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FREE = libc("free", JAVA_LONG);

    private LeakProbe() {
    }

    private static MethodHandle libc(String name, java.lang.foreign.MemoryLayout argument) {
        return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(),
                FunctionDescriptor.of(JAVA_LONG, argument));
    }

    static long malloc(long bytes, long file, int line) {
        LIVE.incrementAndGet();
        try {
            return (long) MALLOC.invokeExact(bytes);
        } catch (Throwable t) {
            return 0;
        }
    }

    static long realloc(long memory, long bytes, long file, int line) {
        LIVE.addAndGet(memory == 0 ? 1 : 0);
        try {
            return (long) REALLOC.invokeExact(memory, bytes);
        } catch (Throwable t) {
            return 0;
        }
    }

    static void free(long memory, long file, int line) {
        LIVE.addAndGet(memory == 0 ? 0 : -1);
        try {
            long ignored = (long) FREE.invokeExact(memory);
        } catch (Throwable t) {
            LIVE.addAndGet(1 << 20);
        }
    }

    private static MemorySegment stub(String name, FunctionDescriptor shape, MethodType type)
            throws ReflectiveOperationException {
        return LINKER.upcallStub(MethodHandles.lookup().findStatic(LeakProbe.class, name, type),
                shape, Arena.global());
    }

    /** The program. */
    public static void main(String[] args) throws Throwable {
        MethodHandle set = LINKER.downcallHandle(
                SymbolLookup.libraryLookup("libcrypto.so.3", Arena.global())
                        .find("CRYPTO_set_mem_functions").orElseThrow(),
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
        int rc = (int) set.invokeExact(
                stub("malloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT),
                        MethodType.methodType(long.class, long.class, long.class, int.class)),
                stub("realloc", FunctionDescriptor.of(
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT),
                        MethodType.methodType(
                                long.class, long.class, long.class, long.class, int.class)),
                stub("free", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_INT),
                        MethodType.methodType(void.class, long.class, long.class, int.class)));
        EventLoop loop = new EventLoop(new LoopConfig());
        require(rc == 1 ? loop.open() : -1);
        Probes probes = new Probes(loop);
        for (int i = 0; i < 3; i++) {
            long before = LIVE.get();
            probes.run(200);
            System.out.println("left " + (LIVE.get() - before));
        }
        probes.close();
        loop.close();
        System.out.println("handshakes " + probes.opened + " closed " + probes.closed);
        System.out.flush();
        Runtime.getRuntime().halt(0); // threads that end free what they have by calling Java
    }

    static void require(int rc) {
        if (rc < 0) {
            throw new IllegalStateException(ReturnCode.describe(rc));
        }
    }

    private static final class Probes extends Recorder {
        private final EventLoop loop;
        private final TlsContext server;
        private final TlsContext[] clients;
        private final Endpoint at = new Endpoint();
        private final TlsSession held = new TlsSession();
        private final DtlsProbe datagrams;
        private final NativeBuffer message = NativeBuffer.allocate(20_000);
        int opened;
        int closed;

        Probes(EventLoop loop) {
            this.loop = loop;
            SelfSigned identity = new SelfSigned();
            SelfSigned stranger = new SelfSigned();
            require(identity.generate());
            require(stranger.generate());
            TicketKeys keys = new TicketKeys(2);
            require(keys.rotate());
            server = TlsContext.server(loop,
                    new TlsConfig().privateChannel(identity).ticketKeys(keys).alpn("a", "b"));
            clients = new TlsContext[] {
                TlsContext.client(loop, new TlsConfig().privateChannel(identity).alpn("b")),
                TlsContext.client(loop, new TlsConfig().privateChannel(stranger)),
                TlsContext.client(loop, new TlsConfig().privateChannel(identity).alpn("c")),
            };
            datagrams = new DtlsProbe(loop, identity, stranger);
            require(server.open());
            for (TlsContext client : clients) {
                require(client.open());
            }
            require(at.parse("@penstock-leak-probe"));
            require(new Listener(loop, new TlsAcceptor(server, new Echo(), 4), 4)
                    .listen(at, 8));
        }

        void run(int count) {
            for (int i = 0; i < count; i++) {
                TlsStream stream = new TlsStream(clients[i % 4 % 3], this)
                        .session(i % 4 == 3 ? held : null); // of the same client
                SocketStream below = new SocketStream(loop, stream.transport());
                require(below.connect(at));
                require(stream.open(below));
                int before = closed;
                Pump.until(loop, () -> closed > before);
                require(server.reload());
                datagrams.run(i);
            }
            for (int i = 0; i < 10; i++) {
                require(loop.runOnce(1_000_000));
            }
        }

        void close() {
            held.close();
            datagrams.close();
            server.close();
            for (TlsContext client : clients) {
                client.close();
            }
        }

        @Override
        public void onOpen(Stream stream) {
            stream.resume();
            opened++;
            stream.write(message, 0, 10_000);
        }

        @Override
        public void onData(Stream stream, org.agrona.DirectBuffer b, int offset, int length) {
            bytes += length;
            TlsStream tls = (TlsStream) stream;
            tls.updateKeys(true);
            int session = tls.outcome().exportSession(message, 0);
            tls.outcome().peerFingerprint(message, 0);
            if (session > 0) {
                tls.importSession(message, 0, session);
            }
            tls.outcome().saveSession(held);
            stream.close();
        }

        @Override
        public void onClose(Stream stream, int result) {
            closed++;
        }
    }
}
