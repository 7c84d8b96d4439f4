package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.testing.Descriptors;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unix datagram sockets: paths, unwanted descriptors, no segments. */
class UnixDatagramTest extends UdpFixture {
    @TempDir
    private Path folder;

    @Test
    void aPathGoesWithTheSocketThatMadeIt() {
        Path path = folder.resolve("socket");
        UdpSocket server = bind(socket(), "unix:" + path);
        assertTrue(Files.exists(path));
        UdpSocket second = socket();
        assertEquals(-Errno.EADDRINUSE, second.bind(at));
        assertFalse(second.isOpen());
        assertTrue(Files.exists(path), "another's");
        UdpSocket client = connect(socket());
        assertEquals(3, client.send(bytes, 0, 3));
        assertEquals(3, server.receive(bytes, 10, 100, from));
        assertEquals(0, from.length(), "it has no name");
        client.close();
        assertTrue(Files.exists(path));
        server.close();
        assertFalse(Files.exists(path));
    }

    @Test
    void aStalePathIsReplacedAndASuccessorsStays() throws Exception {
        Path path = folder.resolve("socket");
        UdpSocket first = bind(socket(), "unix:" + path);
        assertEquals(-Errno.EADDRINUSE, socket().replaceStalePath().bind(at));
        Path kept = folder.resolve("kept");
        Files.move(path, kept);
        first.close();
        Files.move(kept, path); // nobody is bound to it any more
        assertEquals(-Errno.EADDRINUSE, socket().bind(at));
        UdpSocket second = socket().replaceStalePath().pathMode(0600);
        assertEquals(0, second.bind(at));
        assertEquals("rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        Files.delete(path);
        UdpSocket third = bind(socket(), "unix:" + path);
        second.close();
        assertTrue(Files.exists(path), "the third's");
        third.close();
        assertFalse(Files.exists(path));
    }

    @Test
    void aSecondLifeRemovesItsOwnPathAlone() throws Exception {
        Path longer = folder.resolve("socket-of-the-first-life");
        Path shorter = folder.resolve("socket");
        UdpSocket server = bind(socket(), "unix:" + longer);
        server.close();
        Files.createFile(longer);
        // The kernel also takes a path without the NUL behind it.
        String path = shorter.toString();
        NativeBuffer sockaddr = NativeBuffer.allocate(2 + path.length());
        sockaddr.putShort(0, (short) Linux.AF_UNIX);
        sockaddr.putStringWithoutLengthAscii(2, path);
        Endpoint bare = new Endpoint();
        assertEquals(0, bare.wrap(sockaddr, 0, sockaddr.capacity()));
        assertEquals(0, server.bind(bare));
        assertTrue(Files.exists(shorter));
        server.close();
        assertFalse(Files.exists(shorter));
        assertTrue(Files.exists(longer));
    }

    @Test
    void descriptorsThatComeAreNotTaken() {
        UdpSocket server = bind(socket(), "@penstock-udp-rights");
        UdpSocket client = connect(socket());
        int before = Descriptors.open();
        for (int i = 0; i < 3; i++) {
            sendDescriptor();
        }
        assertEquals(2, server.receive(new DatagramBatch(2, 100)));
        assertEquals(4, server.receive(bytes, 0, 100, from));
        assertEquals(before, Descriptors.open());
        sendDescriptor();
        assertEquals(ReturnCode.NOT_SUPPORTED, server.takeError(from));
        assertEquals(before, Descriptors.open());
        assertEquals(4, server.receive(bytes, 0, 100, from), "the datagram is still there");
    }

    /** Sends four bytes and a descriptor by another socket. */
    private void sendDescriptor() {
        int fd = system.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM | Linux.SOCK_CLOEXEC, 0);
        NativeBuffer m = NativeBuffer.allocate(256);
        long base = m.addressOffset();
        m.putLong(Linux.MSGHDR_NAME_OFFSET, at.address());
        m.putInt(Linux.MSGHDR_NAMELEN_OFFSET, at.length());
        m.putLong(Linux.MSGHDR_IOV_OFFSET, base + 64);
        m.putLong(Linux.MSGHDR_IOVLEN_OFFSET, 1);
        m.putLong(Linux.MSGHDR_CONTROL_OFFSET, base + 96);
        m.putLong(Linux.MSGHDR_CONTROLLEN_OFFSET, 24);
        m.putLong(64, base + 128);
        m.putLong(72, 4);
        m.putLong(96, Linux.CMSGHDR_BYTES + Integer.BYTES);
        m.putInt(104, Linux.SOL_SOCKET);
        m.putInt(108, Linux.SCM_RIGHTS);
        m.putInt(112, fd);
        assertEquals(4, system.sendmsg(fd, base, 0));
        assertEquals(0, system.close(fd));
        Reference.reachabilityFence(m);
    }

    @Test
    void segmentsGoOneByOneForThereIsNobodyToCut() {
        UdpSocket server = bind(socket(), "@penstock-udp-segments");
        UdpSocket client = connect(socket());
        assertEquals(4, batch.segments(0, 350, 100));
        assertEquals(1, client.send(batch, 0, 1));
        assertEquals(250, client.send(bytes, 0, 250, 100, at));
        assertEquals(7, server.receive(batch));
        assertEquals(100, batch.length(0));
        assertEquals(50, batch.length(3));
        assertEquals(50, batch.length(6));
        assertEquals(0, client.counter(UdpMetrics.SENT_SEGMENTS_OFFSET));
        pathInvariantsHold(client, server);
        client.close();
        server.close();
        invariantsHold(client, server);
    }

    @Test
    void batchesAreSharedWithUdp() {
        UdpSocket unix = bind(socket(), "@penstock-udp-shared");
        UdpSocket unixClient = connect(socket());
        UdpSocket udp = bind(socket(), "127.0.0.1:0");
        UdpSocket udpClient = connect(socket());
        assertEquals(0, udp.setOption(SocketOption.IP_RECVTOS, 1));
        for (int i = 0; i < 3; i++) {
            assertEquals(5, unixClient.send(bytes, 0, 5));
            assertEquals(1, unix.receive(batch));
            assertEquals(ReturnCode.NOT_SUPPORTED, batch.trafficClass(0));
            assertEquals(6, udpClient.send(bytes, 0, 6));
            assertEquals(1, udp.receive(batch));
            assertEquals(0, batch.trafficClass(0), "control messages are taken again");
        }
    }

    /** The kernel reports an unconnected socket as writable even if a receiver's queue is full. */
    @Test
    void aFullReceiverIsTriedAgainNowAndThen() {
        UdpSocket server = bind(socket(), "@penstock-udp-full");
        Recorder recorder = new Recorder();
        UdpSocket client = socket(recorder);
        assertEquals(0, client.open(Linux.AF_UNIX));
        while (client.send(bytes, 0, 10, at) == 10) {
            bytes.putByte(0, (byte) 0);
        }
        long sent = client.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET);
        recorder.onWritable = () -> client.send(bytes, 0, 10, at);
        long end = System.nanoTime() + 10 * STEP_NS;
        int turns = 0;
        while (System.nanoTime() - end < 0) {
            loop.runOnce(STEP_NS);
            turns++;
        }
        assertTrue(turns < 250, turns + " turns of a loop that waits");
        assertTrue(recorder.writables > 2, recorder.writables + " tries");
        for (long i = 0; i < sent; i++) {
            assertEquals(10, server.receive(bytes, 100, 100, from));
        }
        turnUntil(() -> client.counter(UdpMetrics.SENT_DATAGRAMS_OFFSET) > sent);
        assertEquals(10, server.receive(bytes, 100, 100, from));
    }

    @Test
    void closingEndsTheRest() {
        bind(socket(), "@penstock-udp-rest");
        Recorder recorder = new Recorder();
        UdpSocket client = socket(recorder);
        assertEquals(0, client.open(Linux.AF_UNIX));
        while (client.send(bytes, 0, 10, at) == 10) {
            bytes.putByte(0, (byte) 0);
        }
        recorder.onWritable = () -> client.send(bytes, 0, 10, at);
        turnUntil(() -> recorder.writables > 1);
        assertEquals(0, client.close());
        int before = recorder.writables;
        loop.runOnce(STEP_NS);
        loop.runOnce(STEP_NS);
        assertEquals(before, recorder.writables);
        assertEquals(1, recorder.closes);
    }
}
