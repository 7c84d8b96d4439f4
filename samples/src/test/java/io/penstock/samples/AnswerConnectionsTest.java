package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.buffer.BufferPool;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Few connections, and clients that keep them: others are answered all the same, in time. */
class AnswerConnectionsTest {
    private static final int CAPACITY = 4;
    private static final int SLABS = 4;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final byte[] QUESTION = {
        0, 22, 18, 52, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, 't', 'e', 's', 't', 0, 0, 6, 0, 1,
    };

    private final BufferPool pool = new BufferPool(SLABS, 16 << 10);
    private final Endpoint at = new Endpoint();
    private final List<Socket> sockets = new ArrayList<>();
    private long timeNs;
    private EventLoop loop;
    private Listener listener;

    @BeforeEach
    void open() throws ZoneBuilder.BadZone {
        StringBuilder zone = new StringBuilder(
                "test. 60 IN SOA ns.test. a.test. 1 2 3 4 5\ntest. 60 IN NS ns.test.\n");
        for (int i = 0; i < 200; i++) {
            zone.append("big.test. 60 TXT ").append(i).append("x".repeat(240)).append('\n');
        }
        byte[] text = zone.toString().getBytes(StandardCharsets.US_ASCII);
        NativeBuffer memory = NativeBuffer.allocate(text.length);
        memory.putBytes(0, text);
        ZoneBuilder builder = new ZoneBuilder();
        builder.read(memory, text.length, null);
        Report report = new Report("answer", new Arguments("answer", "").reports()
                .parse(new String[0]));
        loop = new EventLoop(new LoopConfig().handles(CAPACITY + 4).clock(() -> timeNs));
        AnswerConnections connections = new AnswerConnections(
                loop, new Responder(builder.build()), report, CAPACITY);
        listener = new Listener(loop, connections, CAPACITY).queue(pool);
        assertEquals(0, loop.open());
        assertEquals(0, at.parse("127.0.0.1:0"));
        assertEquals(0, listener.listen(at, 64));
        assertEquals(0, listener.localEndpoint(at));
        connections.start();
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        loop.close();
        assertEquals(SLABS, pool.available());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), at.port());
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        return socket;
    }

    private void turnUntil(BooleanSupplier done) {
        for (int i = 0; i < 5_000 && !done.getAsBoolean(); i++) {
            assertTrue(loop.runOnce(1_000_000) >= 0);
        }
        assertTrue(done.getAsBoolean(), "did not happen");
    }

    private void turns(int count) {
        for (int i = 0; i < count; i++) {
            assertTrue(loop.runOnce(0) >= 0);
        }
    }

    private static void send(Socket socket, int b) {
        try {
            socket.getOutputStream().write(b);
        } catch (IOException closed) {
            assertTrue(closed.getMessage() != null); // by the server, as it should
        }
    }

    private static int available(Socket socket) {
        try {
            return socket.getInputStream().available();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A byte every five seconds, of a question that will never be whole. */
    @Test
    void whoSendsAByteNowAndThenIsIdle() throws IOException {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < CAPACITY; i++) {
            slow.add(connect());
        }
        turnUntil(() -> listener.connections() == CAPACITY);
        Socket honest = connect();
        honest.getOutputStream().write(QUESTION);
        for (int i = 0; i < 12 && available(honest) == 0; i++) {
            slow.forEach(socket -> send(socket, 15));
            timeNs += 5 * SECOND_NS;
            turns(50);
        }
        turnUntil(() -> available(honest) > QUESTION.length);
        assertTrue(listener.connections() <= CAPACITY);
    }

    /** Who asks again and again stays, a whole question at a time. */
    @Test
    void whoAsksNowAndThenIsNot() throws IOException {
        Socket client = connect();
        turnUntil(() -> listener.connections() == 1);
        for (int i = 1; i <= 12; i++) {
            client.getOutputStream().write(QUESTION);
            int wanted = i;
            turnUntil(() -> available(client) > wanted * QUESTION.length);
            timeNs += 5 * SECOND_NS;
            turns(5);
        }
        assertEquals(1, listener.connections());
    }

    /** More answers than there is memory for, which are read when all is asked. */
    @Test
    void whoReadsLaterGetsEveryAnswer() throws IOException {
        byte[] about = {
            0, 26, 18, 52, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'b', 'i', 'g', 4, 't', 'e', 's', 't', 0,
            0, 16, 0, 1,
        };
        Socket client = new Socket();
        client.setReceiveBufferSize(4096);
        client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), at.port()));
        sockets.add(client);
        turnUntil(() -> listener.connections() == 1);
        int questions = 120;
        for (int i = 0; i < questions; i++) {
            client.getOutputStream().write(about);
        }
        turns(100);
        assertEquals(1, listener.connections());
        DataInputStream in = new DataInputStream(client.getInputStream());
        for (int i = 0; i < questions; i++) {
            turnUntil(() -> available(client) >= 2);
            byte[] answer = new byte[in.readUnsignedShort()];
            for (int read = 0; read < answer.length;) {
                turnUntil(() -> available(client) > 0);
                read += in.read(answer, read, answer.length - read);
            }
            assertEquals(200, answer[7] & 0xff);
        }
    }

    /** Questions without end, and nobody who reads the answers. */
    @Test
    void whoDoesNotReadIsClosed() throws IOException {
        Socket deaf = connect();
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int i = 0; i < 100; i++) {
            many.writeBytes(QUESTION);
        }
        turnUntil(() -> listener.connections() == 1);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    deaf.getOutputStream().write(many.toByteArray());
                }
            } catch (IOException closed) {
                Thread.currentThread().interrupt(); // by the server
            }
        });
        turnUntil(() -> {
            timeNs += SECOND_NS / 10;
            return listener.connections() == 0;
        });
        assertEquals(SLABS, pool.available());
        Socket honest = connect();
        honest.getOutputStream().write(QUESTION);
        turnUntil(() -> available(honest) > QUESTION.length);
    }
}
