package io.penstock.pipes;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.EventLoop;
import io.penstock.core.net.DescriptorStream;
import io.penstock.core.net.Gather;
import io.penstock.core.net.StreamHandler;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/**
 * The process's standard input or output, or another descriptor that was inherited, whatever it
 * is: pipe, FIFO, file, socket, terminal, device. What is behind it is shared with the shell and
 * with the neighbours in a pipeline, so no flag of it is changed, and yet nothing here waits.
 *
 * <p>Closing one of descriptors 0, 1 and 2 puts {@code /dev/null} in its place: a number that is
 * free is the next file's that somebody in the process opens.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none between opening and closing.
 */
public final class StandardStream extends DescriptorStream {
    private static final DescriptorKind[] KINDS = DescriptorKind.values();
    private static final int PRIVATE_PIPE_BYTES = 256 << 10;
    private static final int LAST_STANDARD_DESCRIPTOR = 2;
    private static final long TIOCGPTN = 0x8004_5430L;

    private final int standard;
    private DescriptorKind kind;
    private int flags;
    private boolean isReopened; // a terminal that we have a description of our own of
    private boolean hasNoWait; // until the kernel says that it has not
    private int privateIn = -1; // a pipe of our own, where bytes of a FIFO are taken to be read
    private int privateOut = -1;
    private int privateBytes;

    /**
     * An inherited descriptor of a loop's.
     *
     * @param loop the loop
     * @param handler who is told
     * @param descriptor 0 for standard input, 1 for standard output, or any other
     */
    public StandardStream(EventLoop loop, StreamHandler handler, int descriptor) {
        super(loop, handler, nameOf(descriptor));
        standard = descriptor;
    }

    /**
     * An inherited descriptor of no loop's.
     *
     * @param posix the operating system
     * @param descriptor 0 for standard input, 1 for standard output, or any other
     */
    public StandardStream(Posix posix, int descriptor) {
        super(posix, nameOf(descriptor));
        standard = descriptor;
    }

    private static String nameOf(int descriptor) {
        return descriptor == 0 ? "stdin" : descriptor == 1 ? "stdout" : "fd" + descriptor;
    }

    /**
     * Looks what the descriptor is, and begins. {@code onOpen} follows.
     *
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#HANDLES_EXHAUSTED},
     *     {@link ReturnCode#METRICS_EXHAUSTED}, {@code -EBADF} if it is closed, {@code -errno}
     */
    public int open() {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        int found = DescriptorKind.of(posix, standard);
        if (found < 0) {
            return found;
        }
        kind = KINDS[found];
        flags = posix.fcntl(standard, Linux.F_GETFL, 0);
        hasNoWait = true;
        int fd = kind == DescriptorKind.TERMINAL ? reopen() : standard;
        isReopened = fd != standard;
        int rc = begin(fd, false, kind.isPollable);
        if (rc == 0) {
            openLater();
        } else if (isReopened) {
            posix.close(fd);
        }
        return rc;
    }

    /** The terminal behind the descriptor as a file of our own, or the descriptor if refused. */
    private int reopen() {
        NativeBuffer number = NativeBuffer.allocate(Integer.BYTES);
        if (posix.ioctl(standard, TIOCGPTN, number.addressOffset()) == 0) {
            return standard; // the master of a pseudo-terminal: opening it again makes another
        }
        NativeBuffer path = NativeBuffer.cString("/proc/self/fd/" + standard);
        int fd = posix.openat(Linux.AT_FDCWD, path.addressOffset(),
                flags & 3 | Linux.O_NONBLOCK | Linux.O_NOCTTY | Linux.O_CLOEXEC, 0);
        Reference.reachabilityFence(number);
        Reference.reachabilityFence(path);
        return fd < 0 ? standard : fd;
    }

    /**
     * Whether it is a terminal.
     *
     * @return false before it is open
     */
    public boolean isTerminal() {
        return kind == DescriptorKind.TERMINAL;
    }

    /**
     * Widens the pipe that it is.
     *
     * @param lengthBytes how much it should hold
     * @return what it holds from now on; {@link ReturnCode#NOT_SUPPORTED} if it is no pipe;
     *     {@code -EPERM} past the user's limit, and then it is as wide as before
     */
    public int capacity(int lengthBytes) {
        if (!isOpen()) {
            return closedCode();
        }
        return kind == DescriptorKind.PIPE
                ? posix.fcntl(standard, Linux.F_SETPIPE_SZ, lengthBytes)
                : ReturnCode.NOT_SUPPORTED;
    }

    @Override
    protected long receive(long address, int length) {
        return switch (kind) {
            case PIPE -> receiveFromPipe(address, length);
            case SOCKET -> posix.recvfrom(standard, address, length, Linux.MSG_DONTWAIT, 0, 0);
            case TERMINAL -> isReopened || isReady(standard, true)
                    ? posix.read(attachedDescriptor(), address, length) : -Errno.EAGAIN;
            default -> posix.read(standard, address, length);
        };
    }

    private long receiveFromPipe(long address, int length) {
        if (hasNoWait) {
            NativeBuffer iovec = Iovec.of(address, length);
            long n = posix.preadv2(standard, iovec.addressOffset(), 1, -1, Linux.RWF_NOWAIT);
            if (n != -Errno.EOPNOTSUPP && n != -Errno.ENOSYS) {
                return n;
            }
            hasNoWait = false;
        }
        if (privateIn < 0) {
            int rc = openPrivatePipe();
            if (rc < 0) {
                return rc;
            }
        }
        if (privateBytes == 0) {
            long n = posix.splice(standard, 0, privateOut, 0, PRIVATE_PIPE_BYTES,
                    Linux.SPLICE_F_MOVE | Linux.SPLICE_F_NONBLOCK);
            if (n <= 0) {
                return n;
            }
            privateBytes = (int) n;
        }
        long n = posix.read(privateIn, address, length);
        privateBytes -= (int) Math.max(0, n);
        return n;
    }

    @Override
    protected boolean hasBytesAtHand() {
        return privateBytes > 0;
    }

    private int openPrivatePipe() {
        NativeBuffer fds = Iovec.of(0, 0); // two ints fit there
        int rc = posix.pipe2(fds.addressOffset(), Linux.O_CLOEXEC | Linux.O_NONBLOCK);
        if (rc == 0) {
            privateIn = fds.getInt(0);
            privateOut = fds.getInt(Integer.BYTES);
            posix.fcntl(privateIn, Linux.F_SETPIPE_SZ, PRIVATE_PIPE_BYTES); // or as wide as it is
        }
        return rc;
    }

    @Override
    protected long transmit(long address, int length) {
        return switch (kind) {
            case PIPE -> transmitToPipe(address, length);
            case SOCKET -> posix.sendto(
                    standard, address, length, Linux.MSG_DONTWAIT | Linux.MSG_NOSIGNAL, 0, 0);
            case TERMINAL -> isReopened
                    ? posix.write(attachedDescriptor(), address, length)
                    : inSteps(address, length, 1);
            default -> posix.write(standard, address, length);
        };
    }

    @Override
    protected long transmit(Gather pieces) {
        return switch (kind) {
            case PIPE -> transmitToPipe(pieces);
            case SOCKET -> pieces.send(posix, standard);
            case TERMINAL -> super.transmit(pieces);
            default -> pieces.write(posix, standard, 0);
        };
    }

    private long transmitToPipe(Gather pieces) {
        if (hasNoWait) {
            long n = pieces.write(posix, standard, Linux.RWF_NOWAIT);
            if (n != -Errno.EOPNOTSUPP && n != -Errno.ENOSYS) {
                return n;
            }
            hasNoWait = false;
        }
        return super.transmit(pieces);
    }

    private long transmitToPipe(long address, int length) {
        if (hasNoWait) {
            NativeBuffer iovec = Iovec.of(address, length);
            long n = posix.pwritev2(standard, iovec.addressOffset(), 1, -1, Linux.RWF_NOWAIT);
            if (n != -Errno.EOPNOTSUPP && n != -Errno.ENOSYS) {
                return n;
            }
            hasNoWait = false;
        }
        return (flags & Linux.O_NONBLOCK) != 0
                ? posix.write(standard, address, length)
                : inSteps(address, length, Linux.PIPE_BUF);
    }

    /** Writes as much at a time as surely fits when the descriptor says that it is writable. */
    private long inSteps(long address, int length, int stepBytes) {
        int sent = 0;
        while (sent < length && isReady(standard, false)) {
            long n = posix.write(standard, address + sent, Math.min(stepBytes, length - sent));
            if (n < 0) {
                return sent > 0 ? sent : n;
            }
            sent += (int) n;
        }
        return sent > 0 ? sent : -Errno.EAGAIN;
    }

    /** See pipe(7): that much is written whole, or not at all. */
    @Override
    protected int leastRoomBytes() {
        return Linux.PIPE_BUF;
    }

    @Override
    protected int endTransmission() {
        return kind == DescriptorKind.SOCKET ? posix.shutdown(standard, Linux.SHUT_WR)
                : startClose(0);
    }

    @Override
    protected void closeDescriptor() {
        if (isReopened) {
            posix.close(attachedDescriptor());
        }
        if (privateIn >= 0) {
            posix.close(privateIn);
            posix.close(privateOut);
            privateIn = -1;
            privateBytes = 0;
        }
        if (standard > LAST_STANDARD_DESCRIPTOR) {
            posix.close(standard);
        } else {
            putNullInPlace();
        }
    }

    private void putNullInPlace() {
        NativeBuffer path = NativeBuffer.cString("/dev/null");
        int fd = posix.openat(
                Linux.AT_FDCWD, path.addressOffset(), Linux.O_RDWR | Linux.O_CLOEXEC, 0);
        Reference.reachabilityFence(path);
        if (fd >= 0) {
            posix.dup3(fd, standard, 0);
            posix.close(fd);
        }
    }

    @Override
    protected boolean isPipe() {
        return kind == DescriptorKind.PIPE;
    }

    @Override
    protected boolean canSpliceFrom() {
        return kind.splicesFrom && privateBytes == 0;
    }

    @Override
    protected boolean canSpliceTo() {
        return kind.splicesTo
                && (kind != DescriptorKind.SOCKET || (flags & Linux.O_NONBLOCK) != 0)
                && (kind != DescriptorKind.FILE || (flags & Linux.O_APPEND) == 0);
    }
}
