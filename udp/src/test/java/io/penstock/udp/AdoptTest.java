package io.penstock.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Datagram sockets that are adopted, and descriptors that are handed over. */
class AdoptTest extends UdpFixture {
    @TempDir
    private Path folder;

    /** A blocking socket, such as a parent process may have made. */
    private int bound(Endpoint where) {
        int fd = system.socket(where.family(), Linux.SOCK_DGRAM, 0);
        assertEquals(0, system.bind(fd, where.address(), where.length()));
        return fd;
    }

    @Test
    void aBoundSocketIsAdoptedAndNeverWaits() {
        assertEquals(0, at.ipv4(Endpoint.IPV4_LOOPBACK, 0));
        int fd = bound(at);
        UdpSocket server = new UdpSocket();
        assertEquals(ReturnCode.NOT_OPEN, server.descriptor());
        assertEquals(0, server.adopt(fd));
        assertEquals(ReturnCode.ALREADY_OPEN, server.adopt(fd));
        assertEquals(fd, server.descriptor());
        assertEquals(Linux.FD_CLOEXEC, system.fcntl(fd, Linux.F_GETFD, 0));
        assertEquals(0, system.fcntl(fd, Linux.F_GETFL, 0) & Linux.O_NONBLOCK, "as it was");
        assertEquals(-Errno.EAGAIN, server.receive(bytes, 0, 100, from), "at once");
        assertEquals(0, server.localEndpoint(at));
        UdpSocket client = new UdpSocket();
        assertEquals(0, client.connect(at));
        assertEquals(3, client.send(bytes, 0, 3));
        assertEquals(3, server.receive(bytes, 10, 100, from));
        client.close();
        server.close();
        assertEquals(-Errno.EBADF, system.fcntl(fd, Linux.F_GETFD, 0), "closed");
        assertEquals(ReturnCode.CLOSED, server.descriptor());
    }

    @Test
    void itsUnixPathStays() {
        Path path = folder.resolve("s");
        assertEquals(0, at.parse("unix:" + path));
        UdpSocket server = new UdpSocket();
        assertEquals(0, server.adopt(bound(at)));
        server.close();
        assertTrue(Files.exists(path), "its maker's");
    }

    @Test
    void whatIsNoDatagramSocketIsRefused() {
        UdpSocket socket = new UdpSocket();
        int fd = system.socket(Linux.AF_INET, Linux.SOCK_STREAM, 0);
        assertEquals(ReturnCode.NOT_SUPPORTED, socket.adopt(fd));
        system.close(fd);
        fd = system.eventfd2(0, 0);
        assertEquals(-Errno.ENOTSOCK, socket.adopt(fd));
        system.close(fd);
        assertEquals(-Errno.EBADF, socket.adopt(-1));
        assertFalse(socket.isOpen());
    }
}
