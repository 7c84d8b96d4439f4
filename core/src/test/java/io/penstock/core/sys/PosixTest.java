package io.penstock.core.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernel-entry")
class PosixTest {
    private final Posix posix = Posix.system();
    private final MemorySegment memory = Arena.ofAuto().allocate(4096, 8);
    private final long address = memory.address();

    @Test
    void entersTheKernel() {
        assertEquals(ProcessHandle.current().pid(), posix.getpid());
        assertEquals(System.getProperty("penstock.kernelEntry", "stub"),
                LinuxPosix.kernelEntry());
    }

    @Test
    void failuresAreNegativeErrno() {
        assertEquals(-Errno.EBADF, posix.read(-1, address, 1));
        assertEquals(-Errno.EFAULT, posix.pipe2(0, 0));
        assertEquals("EBADF: bad file descriptor", ReturnCode.describe(-Errno.EBADF));
    }

    @Test
    void movesBytesThroughAPipe() {
        int before = Descriptors.open();
        assertEquals(0, posix.pipe2(address, Linux.O_CLOEXEC | Linux.O_NONBLOCK));
        int in = memory.get(ValueLayout.JAVA_INT, 0);
        int out = memory.get(ValueLayout.JAVA_INT, 4);
        memory.set(ValueLayout.JAVA_LONG, 8, 0x1122334455667788L);
        assertEquals(8, posix.write(out, address + 8, 8));
        assertEquals(8, posix.read(in, address + 16, 100));
        assertEquals(0x1122334455667788L, memory.get(ValueLayout.JAVA_LONG, 16));
        assertEquals(-Errno.EAGAIN, posix.read(in, address, 1));
        assertEquals(0, posix.close(in));
        assertEquals(0, posix.close(out));
        Descriptors.assertOpen(before);
    }

    @Test
    void sixArgumentsArriveInOrder() {
        long mapped = posix.mmap(0, 8192, Linux.PROT_READ | Linux.PROT_WRITE,
                Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS, -1, 0);
        assertTrue(mapped > 0);
        assertEquals(0, posix.munmap(mapped, 8192));
        assertEquals(-Errno.EINVAL, posix.mmap(0, 8192, 1, Linux.MAP_PRIVATE, 0, 1));
    }

    @Test
    void interruptedReadsAreMadeAgain() {
        FaultyPosix faulty = new FaultyPosix().fail(Syscall.GETPID, Errno.EPERM, 0, 1);
        assertEquals(-Errno.EPERM, faulty.getpid());
        faulty.heal().fail(Syscall.READ, Errno.EINTR, 0, 3);
        assertEquals(-Errno.EBADF, faulty.read(-1, address, 1));
        assertEquals(4, faulty.injected());
    }

    @Test
    @Tag("allocation")
    void allocatesNothing() {
        Allocation.assertNone("getpid", 20_000, 10_000, posix::getpid);
        Allocation.assertNone("failing read", 20_000, 10_000, () -> posix.read(-1, address, 1));
    }
}
