package io.penstock.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.testing.Allocation;
import java.lang.reflect.Field;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SocketOptionTest {
    private final Posix posix = Posix.system();
    private final NativeBuffer scratch = NativeBuffer.allocate(SocketOption.SCRATCH_BYTES);
    private final int tcp = open(Linux.AF_INET, Linux.SOCK_STREAM);
    private final int unix = open(Linux.AF_UNIX, Linux.SOCK_DGRAM);

    private int open(int family, int type) {
        return posix.socket(family, type | Linux.SOCK_CLOEXEC, 0);
    }

    @AfterEach
    void close() {
        posix.close(tcp);
        posix.close(unix);
    }

    private int set(SocketOption option, int value) {
        return option.set(posix, tcp, scratch, value);
    }

    private int get(SocketOption option) {
        return option.get(posix, tcp, scratch);
    }

    private void check(SocketOption option, int value, int expected) {
        assertEquals(0, set(option, value), option.name());
        assertEquals(expected, get(option), option.name());
    }

    @Test
    void switches() {
        for (SocketOption option : new SocketOption[] {
            SocketOption.SO_REUSEADDR, SocketOption.SO_REUSEPORT, SocketOption.SO_KEEPALIVE,
            SocketOption.TCP_NODELAY, SocketOption.TCP_CORK, SocketOption.TCP_FASTOPEN_CONNECT,
            SocketOption.SO_OOBINLINE,
        }) {
            assertEquals(0, get(option), option.name());
            check(option, 1, 1);
            check(option, 0, 0);
        }
        assertEquals(0, SocketOption.SO_PASSCRED.set(posix, unix, scratch, 1));
        assertEquals(1, SocketOption.SO_PASSCRED.get(posix, unix, scratch));
    }

    @Test
    void numbers() {
        check(SocketOption.TCP_MAXSEG, 1_000, 1_000);
        check(SocketOption.TCP_KEEPIDLE, 61, 61);
        check(SocketOption.TCP_KEEPINTVL, 62, 62);
        check(SocketOption.TCP_KEEPCNT, 63, 63);
        check(SocketOption.TCP_USER_TIMEOUT, 1_000, 1_000);
        check(SocketOption.TCP_NOTSENT_LOWAT, 16_384, 16_384);
        check(SocketOption.IP_TOS, 0x10, 0x10);
        check(SocketOption.SO_SNDBUF, 20_000, 40_000);
        check(SocketOption.SO_RCVBUF, 20_000, 40_000);
        assertEquals(0, set(SocketOption.TCP_DEFER_ACCEPT, 5));
        assertTrue(get(SocketOption.TCP_DEFER_ACCEPT) >= 5);
        assertEquals(0, set(SocketOption.TCP_QUICKACK, 0));
        assertEquals(0, get(SocketOption.TCP_QUICKACK));
        int rc = set(SocketOption.SO_BUSY_POLL, 50);
        assertEquals(rc == -Errno.EPERM ? 0 : 50, get(SocketOption.SO_BUSY_POLL));
        check(SocketOption.TCP_FASTOPEN, 5, 5);
    }

    @Test
    void ipv6() {
        int fd = open(Linux.AF_INET6, Linux.SOCK_STREAM);
        assumeTrue(fd >= 0, "no IPv6 here");
        assertEquals(0, SocketOption.IPV6_V6ONLY.set(posix, fd, scratch, 1));
        assertEquals(1, SocketOption.IPV6_V6ONLY.get(posix, fd, scratch));
        assertEquals(0, SocketOption.IPV6_TCLASS.set(posix, fd, scratch, 0x20));
        assertEquals(0x20, SocketOption.IPV6_TCLASS.get(posix, fd, scratch));
        posix.close(fd);
    }

    @Test
    void linger() {
        assertEquals(SocketOption.UNSET, get(SocketOption.SO_LINGER));
        check(SocketOption.SO_LINGER, 0, 0);
        check(SocketOption.SO_LINGER, 30, 30);
        check(SocketOption.SO_LINGER, -1, SocketOption.UNSET);
        check(SocketOption.SO_LINGER, 30, 30);
        check(SocketOption.SO_LINGER, SocketOption.UNSET, SocketOption.UNSET);
    }

    @Test
    void anOptionWithoutAValueIsUnset() {
        assertEquals(SocketOption.UNSET, get(SocketOption.SO_INCOMING_CPU));
        check(SocketOption.SO_INCOMING_CPU, 0, 0);
    }

    @Test
    void readOnly() {
        assertEquals(Linux.SOCK_STREAM, get(SocketOption.SO_TYPE));
        assertEquals(Linux.AF_INET, get(SocketOption.SO_DOMAIN));
        assertEquals(0, get(SocketOption.SO_ACCEPTCONN));
        assertEquals(Linux.SOCK_DGRAM, SocketOption.SO_TYPE.get(posix, unix, scratch));
        assertEquals(-Errno.ENOPROTOOPT, set(SocketOption.SO_TYPE, 1));
        assertEquals(-Errno.ENOPROTOOPT, set(SocketOption.SO_ERROR, 1));
        assertEquals(0, get(SocketOption.SO_ERROR));
    }

    @Test
    void pendingErrorIsPositive() {
        Endpoint closed = new Endpoint();
        int fd = open(Linux.AF_INET, Linux.SOCK_STREAM);
        assertEquals(0, closed.ipv4(Endpoint.IPV4_LOOPBACK, 0));
        assertEquals(0, posix.bind(fd, closed.address(), closed.length()));
        assertEquals(0, closed.localOf(posix, fd));
        int client = open(Linux.AF_INET, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK);
        posix.connect(client, closed.address(), closed.length());
        assertEquals(Errno.ECONNREFUSED, SocketOption.SO_ERROR.get(posix, client, scratch));
        assertEquals(0, SocketOption.SO_ERROR.get(posix, client, scratch));
        posix.close(client);
        posix.close(fd);
    }

    @Test
    void aRefusalIsTheKernelsErrno() {
        assertEquals(-Errno.EBADF, SocketOption.SO_TYPE.get(posix, -1, scratch));
        assertEquals(-Errno.EBADF, SocketOption.SO_LINGER.set(posix, -1, scratch, 1));
        assertEquals(-Errno.EOPNOTSUPP,
                SocketOption.TCP_NODELAY.set(posix, unix, scratch, 1));
        assertEquals(-Errno.EINVAL, set(SocketOption.TCP_KEEPIDLE, 0));
    }

    @Test
    void everyOptionIsNamedAsItsConstantAndNumberedAsTheKernels() throws Exception {
        Set<Long> numbers = new HashSet<>();
        int options = 0;
        for (Field field : SocketOption.class.getFields()) {
            if (field.getType() == SocketOption.class) {
                SocketOption option = (SocketOption) field.get(null);
                assertEquals(field.getName(), option.name());
                assertEquals(field.getName(), option.toString());
                assertEquals(Linux.class.getField(option.name()).getInt(null), option.number());
                assertTrue(numbers.add((long) option.level() << 32 | option.number()));
                assertEquals(option != SocketOption.SO_LINGER, option.isInt());
                options++;
            }
        }
        assertEquals(56, options);
    }

    @Test
    @Tag("allocation")
    void allocatesNothing() {
        Allocation.assertNone("set", 2_000, 1_000, () -> set(SocketOption.TCP_NODELAY, 1));
        Allocation.assertNone("get", 2_000, 1_000, () -> get(SocketOption.TCP_NODELAY));
        Allocation.assertNone("set linger", 2_000, 1_000, () -> set(SocketOption.SO_LINGER, 1));
        Allocation.assertNone("get linger", 2_000, 1_000, () -> get(SocketOption.SO_LINGER));
        Allocation.assertNone("refused", 2_000, 1_000, () -> set(SocketOption.SO_TYPE, 1));
    }
}
