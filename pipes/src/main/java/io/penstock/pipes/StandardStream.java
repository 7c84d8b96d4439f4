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
 * The process's standard input or output, or another inherited descriptor, of any kind: pipe, FIFO,
 * file, socket, terminal, device. The shell and the other programs of a pipeline share the open
 * file description, so its flags are not changed. Still no method blocks.
 *
 * <p>Closing descriptor 0, 1 or 2 puts {@code /dev/null} in its place. Otherwise the next file that
 * the process opens would get that number, and become its standard input or output.
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
    private boolean isReopened; // a terminal, through an open file description of our own
    private boolean hasNoWait; // RWF_NOWAIT works, until the kernel refuses it
    private int privateIn = -1; // a pipe of our own: bytes of a FIFO are spliced into it, then read
    private int privateOut = -1;
    private int privateBytes;

    /**
     * An inherited descriptor that belongs to a loop.
     *
     * @param loop the loop
     * @param handler takes the stream's events
     * @param descriptor 0 for standard input, 1 for standard output, or any other
     */
    public StandardStream(EventLoop loop, StreamHandler handler, int descriptor) {
        super(loop, handler, nameOf(descriptor));
        standard = descriptor;
    }

    /**
     * An inherited descriptor that belongs to no loop.
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
     * Finds out the descriptor's kind and opens the stream. {@code onOpen} follows.
     *
     * @return 0; {@link ReturnCode#ALREADY_OPEN}; {@link ReturnCode#HANDLES_EXHAUSTED};
     *     {@link ReturnCode#METRICS_EXHAUSTED}; {@code -EBADF} if the descriptor is closed;
     *     {@code -errno} of statx(2)
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

    /** Opens the terminal again, as a file of our own; the descriptor itself if that fails. */
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
     * Whether the descriptor is a terminal.
     *
     * @return false before it is open
     */
    public boolean isTerminal() {
        return kind == DescriptorKind.TERMINAL;
    }

    /**
     * Sets the pipe's capacity, if the descriptor is a pipe.
     *
     * @param lengthBytes the capacity, which the kernel rounds up
     * @return the new capacity in bytes; {@link ReturnCode#NOT_SUPPORTED} if the descriptor is no
     *     pipe; {@code -EPERM} above the user's limit; {@code -EBUSY} if the pipe holds more bytes
     *     than that; {@code -errno} of fcntl(2)
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
            posix.fcntl(privateIn, Linux.F_SETPIPE_SZ, PRIVATE_PIPE_BYTES); // it may be refused
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

    /** Writes in steps: a descriptor that polls as writable has room for a whole step. */
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

    /** See pipe(7): a write of up to PIPE_BUF bytes is done whole or not at all. */
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
