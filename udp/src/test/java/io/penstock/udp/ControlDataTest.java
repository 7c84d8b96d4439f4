package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.SocketOption;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Control messages that are cut short or malformed are ignored. */
class ControlDataTest extends UdpFixture {
    private static final int ROOM = 192;

    private final NativeBuffer memory = new NativeBuffer();
    private UdpSocket server;
    private UdpSocket client;

    @BeforeEach
    void open() {
        server = bind(socket(), "127.0.0.1:0");
        for (SocketOption option : new SocketOption[] {SocketOption.SO_TIMESTAMPNS,
            SocketOption.IP_PKTINFO, SocketOption.IP_RECVTOS, SocketOption.UDP_GRO}) {
            assertEquals(0, server.setOption(option, 1));
        }
        client = connect(socket());
    }

    /** Limits the memory that the kernel gets for control messages. */
    private void leaveRoom(int controlBytes) {
        posix.on(Syscall.RECVMMSG, (kernel, args) -> {
            memory.wrap(args[1], Linux.MMSGHDR_BYTES);
            memory.putLong(Linux.MSGHDR_CONTROLLEN_OFFSET, controlBytes);
            return kernel.call(args);
        });
    }

    /** The messages: a timestamp (32 bytes), a size (24), an in_pktinfo (32), a class (17). */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 31, 32, 33, 48, 51, 63, 64, 71, 72, 80, 83, 88, 103, 104,
        105, 111, 112})
    void cutShort(int room) {
        leaveRoom(room);
        assertEquals(200, client.send(bytes, 0, 200, 100, null));
        assertEquals(1, server.receive(batch));
        assertEquals(200, batch.length(0));
        if (room < 32) {
            assertEquals(0, batch.timestampNs(0));
        }
        if (room < 84) {
            assertEquals(ReturnCode.NOT_SUPPORTED, batch.local(0, from));
            assertEquals(ReturnCode.NOT_SUPPORTED, batch.interfaceIndex(0));
        }
        if (room < 105) {
            assertEquals(ReturnCode.NOT_SUPPORTED, batch.trafficClass(0));
        }
        assertEquals(room < 52 ? 1 : 2, batch.segments(0));
        posix.heal();
        assertEquals(1, client.send(bytes, 0, 1));
        assertEquals(1, server.receive(batch));
        assertEquals(0, batch.trafficClass(0), "there is room again");
        assertEquals(1, batch.interfaceIndex(0));
    }

    /** Lengths that would lead out of the slot, or into an endless loop. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 15, -1, Integer.MAX_VALUE, Long.MIN_VALUE, 1L << 32, 193, 1 << 30})
    void lengthsThatCannotBe(long length) {
        posix.on(Syscall.RECVMMSG, (kernel, args) -> {
            long n = kernel.call(args);
            memory.wrap(args[1], Linux.MMSGHDR_BYTES);
            memory.wrap(memory.getLong(Linux.MSGHDR_CONTROL_OFFSET), 16);
            memory.putLong(0, length);
            return n;
        });
        assertEquals(5, client.send(bytes, 0, 5));
        assertEquals(1, server.receive(batch));
        assertEquals(5, batch.length(0));
        assertEquals(0, batch.timestampNs(0));
        assertEquals(ReturnCode.NOT_SUPPORTED, batch.trafficClass(0));
    }

    @Test
    void moreThanThereIsRoomForIsNotRead() {
        posix.on(Syscall.RECVMMSG, (kernel, args) -> {
            long n = kernel.call(args);
            memory.wrap(args[1], Linux.MMSGHDR_BYTES);
            memory.putLong(Linux.MSGHDR_CONTROLLEN_OFFSET, Integer.MAX_VALUE);
            memory.putInt(Linux.MSGHDR_NAMELEN_OFFSET, Integer.MAX_VALUE);
            return n;
        });
        assertEquals(5, client.send(bytes, 0, 5));
        assertEquals(1, server.receive(batch));
        batch.sender(0, from);
        assertEquals(128, from.length());
        assertEquals(0, batch.trafficClass(0));
    }

    /** A kernel that writes random lengths, levels and types. */
    private long scribble(Random random, long[] args, long result) {
        memory.wrap(args[1], Linux.MSGHDR_BYTES);
        long control = memory.getLong(Linux.MSGHDR_CONTROL_OFFSET);
        memory.putLong(Linux.MSGHDR_CONTROLLEN_OFFSET,
                random.nextBoolean() ? random.nextInt(300) - 20 : random.nextLong());
        memory.putInt(Linux.MSGHDR_NAMELEN_OFFSET, random.nextInt());
        memory.wrap(control, ROOM);
        for (int at = 0; at < ROOM; at += Integer.BYTES) {
            int odd = random.nextInt(-2, 50);
            memory.putInt(at, random.nextInt(8) == 0 ? random.nextInt()
                    : at % 8 == 4 ? 0 : odd);
        }
        int[] levels = {Linux.IPPROTO_IP, Linux.IPPROTO_IPV6, Linux.IPPROTO_UDP, Linux.SOL_SOCKET};
        int[] types = {Linux.IP_PKTINFO, Linux.IPV6_PKTINFO, Linux.UDP_GRO, Linux.SO_TIMESTAMPNS,
            Linux.IP_RECVERR, Linux.IPV6_RECVERR, Linux.IP_TOS, Linux.IPV6_TCLASS};
        for (int at = 0; at + 16 <= ROOM; at += 8 * random.nextInt(2, 5)) {
            memory.putLong(at, random.nextInt(10, 60));
            memory.putInt(at + 8, levels[random.nextInt(levels.length)]);
            memory.putInt(at + 12, types[random.nextInt(types.length)]);
        }
        return result;
    }

    @Test
    void anythingBesideADatagram() {
        Random random = new Random(5);
        posix.on(Syscall.RECVMMSG, (kernel, args) -> scribble(random, args, kernel.call(args)));
        for (int i = 0; i < 3_000; i++) {
            assertEquals(5, client.send(bytes, 0, 5));
            assertEquals(1, server.receive(batch));
            assertEquals(5, batch.length(0));
            int pieces = batch.segments(0);
            assertTrue(pieces >= 1 && pieces <= 5, "segments: " + pieces);
            batch.sender(0, from);
            batch.local(0, from);
            batch.interfaceIndex(0);
            int trafficClass = batch.trafficClass(0);
            assertTrue(trafficClass == ReturnCode.NOT_SUPPORTED
                    || trafficClass >= 0 && trafficClass <= 255);
        }
    }

    @Test
    void anythingBesideAnError() {
        Random random = new Random(6);
        UdpSocket lost = open(socket());
        posix.on(Syscall.RECVMSG, (kernel, args) -> scribble(random, args, 0));
        int told = 0;
        for (int i = 0; i < 3_000; i++) {
            int rc = lost.takeError(from);
            assertTrue(rc < 0 && rc >= -4095, "told: " + rc);
            told += rc == -Errno.EIO ? 0 : 1;
            lost.errorOffender(from);
        }
        assertTrue(told > 0, "none was believed");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 16, 24, 40, 63})
    void anErrorThatIsCutShort(int room) {
        server.close();
        UdpSocket lost = open(socket());
        assertEquals(0, lost.setOption(SocketOption.IP_RECVERR, 1));
        posix.on(Syscall.RECVMSG, (kernel, args) -> {
            memory.wrap(args[1], Linux.MSGHDR_BYTES);
            memory.putLong(Linux.MSGHDR_CONTROLLEN_OFFSET, room);
            return kernel.call(args);
        });
        assertEquals(1, lost.send(bytes, 0, 1, at));
        assertEquals(room < 32 ? -Errno.EIO : -Errno.ECONNREFUSED, lost.takeError(from));
        assertEquals(at, from);
        assertEquals(room < 48 ? ReturnCode.NOT_SUPPORTED : 0, lost.errorOffender(from));
        assertEquals(-Errno.EAGAIN, lost.takeError(from));
    }
}
