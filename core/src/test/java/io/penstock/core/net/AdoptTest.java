package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.loop.LoopConfig;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Recorder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adopting sockets that listen already, and passing descriptors on. */
class AdoptTest extends NetFixture {
    @TempDir
    private Path folder;
    private final Echo echo = new Echo();

    /** A blocking socket, as a parent process may have made it. */
    private int listening(int family, Endpoint where) {
        int fd = system.socket(family, Linux.SOCK_STREAM, 0);
        assertTrue(fd >= 0);
        assertEquals(0, system.bind(fd, where.address(), where.length()));
        assertEquals(0, system.listen(fd, 8));
        return fd;
    }

    private void connects() {
        Recorder client = new Recorder();
        int before = echo.opened;
        SocketStream stream = new SocketStream(loop, client);
        assertEquals(0, stream.connect(at));
        turnUntil(() -> client.count("open") == 1 && echo.opened == before + 1);
    }

    @Test
    void aSocketThatListensIsAdopted() {
        assertEquals(0, at.ipv4(Endpoint.IPV4_LOOPBACK, 0));
        int fd = listening(Linux.AF_INET, at);
        Listener adopted = new Listener(loop, echo, 4);
        assertEquals(0, adopted.adopt(fd));
        assertEquals(ReturnCode.ALREADY_OPEN, adopted.adopt(fd));
        assertEquals(ReturnCode.ALREADY_OPEN, adopted.listen(at, 1));
        assertEquals(0, adopted.localEndpoint(at));
        assertTrue((system.fcntl(fd, Linux.F_GETFL, 0) & Linux.O_NONBLOCK) != 0);
        assertEquals(Linux.FD_CLOEXEC, system.fcntl(fd, Linux.F_GETFD, 0));
        connects();
        assertEquals(1, ((SocketStream) echo.last).option(SocketOption.TCP_NODELAY));
        turns(3); // a further accept would wait for ever
        connects();
        adopted.close();
        turns(1);
        assertEquals(-Errno.EBADF, system.fcntl(fd, Linux.F_GETFD, 0), "closed");
    }

    @Test
    void anAdoptedSocketsUnixPathStays() {
        Path path = folder.resolve("s");
        assertEquals(0, at.parse("unix:" + path));
        Listener adopted = new Listener(loop, echo, 4);
        assertEquals(0, adopted.adopt(listening(Linux.AF_UNIX, at)));
        connects();
        adopted.close();
        turns(1);
        assertTrue(Files.exists(path), "its maker's");
    }

    private void assertRefused(int code, int fd) {
        Listener adopted = new Listener(loop, echo, 4);
        assertEquals(code, adopted.adopt(fd));
        assertFalse(adopted.isOpen());
        system.close(fd);
    }

    @Test
    void descriptorsThatDoNotListenAreRefused() {
        assertRefused(ReturnCode.NOT_SUPPORTED, system.socket(Linux.AF_INET, Linux.SOCK_STREAM, 0));
        assertRefused(ReturnCode.NOT_SUPPORTED, system.socket(Linux.AF_INET, Linux.SOCK_DGRAM, 0));
        assertRefused(-Errno.ENOTSOCK, system.eventfd2(0, 0));
        assertRefused(-Errno.EBADF, -1);
        assertEquals(0, at.parse("@penstock-adopt-packets"));
        int packets = system.socket(Linux.AF_UNIX, 5, 0); // SOCK_SEQPACKET
        assertEquals(0, system.bind(packets, at.address(), at.length()));
        assertEquals(0, system.listen(packets, 1));
        assertRefused(ReturnCode.NOT_SUPPORTED, packets);
    }

    @Test
    void aFailedAdoptLeavesTheDescriptorToItsOwner() {
        assertEquals(0, at.ipv4(Endpoint.IPV4_LOOPBACK, 0));
        int fd = listening(Linux.AF_INET, at);
        Listener adopted = new Listener(loop, echo, 4);
        for (int call : new int[] {Syscall.FCNTL, Syscall.SETSOCKOPT}) {
            posix.heal().fail(call, Errno.ENOMEM, 0, 1);
            assertEquals(-Errno.ENOMEM, adopted.adopt(fd));
        }
        posix.heal();
        EventLoop small = new EventLoop(new LoopConfig().handles(1));
        assertEquals(0, small.open());
        Listener first = new Listener(small, echo, 1);
        assertEquals(0, first.open(Linux.AF_INET));
        assertEquals(ReturnCode.HANDLES_EXHAUSTED, new Listener(small, echo, 1).adopt(fd));
        small.close();
        assertEquals(0, adopted.adopt(fd));
    }

    /** Two loops accept from one socket, and one of them closes. */
    @Test
    void aDescriptorIsHandedOver() {
        Listener first = listen("127.0.0.1:0", echo);
        int copy = system.fcntl(first.descriptor(), Linux.F_DUPFD_CLOEXEC, 0);
        first.close();
        assertEquals(ReturnCode.CLOSED, first.descriptor());
        turns(1);
        Listener second = new Listener(loop, echo, 4);
        assertEquals(ReturnCode.NOT_OPEN, second.descriptor());
        assertEquals(0, second.adopt(copy));
        connects();
    }

    /** Urgent data, one byte. */
    @Test
    void urgentDataComeInline() {
        listen("127.0.0.1:0", echo);
        Recorder client = new Recorder();
        SocketStream stream = new SocketStream(loop, client);
        assertEquals(0, stream.connect(at));
        turnUntil(() -> client.count("open") == 1 && echo.opened == 1);
        assertEquals(0, stream.option(SocketOption.SO_OOBINLINE));
        assertEquals(0, stream.setOption(SocketOption.SO_OOBINLINE, 1));
        assertEquals(1, stream.option(SocketOption.SO_OOBINLINE));
        NativeBuffer text = NativeBuffer.cString("a!b");
        int fd = ((SocketStream) echo.last).descriptor();
        int urgent = 1; // MSG_OOB
        assertEquals(1, system.sendto(fd, text.addressOffset(), 1, 0, 0, 0));
        assertEquals(1, system.sendto(fd, text.addressOffset() + 1, 1, urgent, 0, 0));
        assertEquals(1, system.sendto(fd, text.addressOffset() + 2, 1, 0, 0, 0));
        stream.resume();
        turnUntil(() -> client.bytes == 3);
    }
}
