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
import org.agrona.DirectBuffer;

/**
 * One end of a pipe of this process's own making, or of a FIFO.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after opening.
 * <b>See</b>: pipe(7), fifo(7), tee(2), vmsplice(2).
 */
public final class PipeStream extends DescriptorStream {
    private boolean reads;

    /**
     * An end of a loop's.
     *
     * @param loop the loop
     * @param handler who is told
     */
    public PipeStream(EventLoop loop, StreamHandler handler) {
        super(loop, handler, "pipe");
    }

    /** An end of no loop's. */
    public PipeStream() {
        super(Posix.system(), "pipe");
    }

    /**
     * Names it, before it is open.
     *
     * @param name its label in the metrics
     * @return this
     */
    @Override
    public PipeStream name(String name) {
        super.name(name);
        return this;
    }

    /**
     * Makes a pipe: what is written to one stream is read from the other.
     *
     * @param source the end that is read
     * @param sink the end that is written
     * @return 0, {@link ReturnCode#ALREADY_OPEN}, {@link ReturnCode#HANDLES_EXHAUSTED},
     *     {@link ReturnCode#METRICS_EXHAUSTED}, {@code -errno}; then both are as before
     */
    public static int open(PipeStream source, PipeStream sink) {
        if (!source.isFree() || !sink.isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        NativeBuffer fds = NativeBuffer.allocate(2 * Integer.BYTES);
        int rc = source.posix.pipe2(fds.addressOffset(), Linux.O_CLOEXEC | Linux.O_NONBLOCK);
        if (rc < 0) {
            return rc;
        }
        int in = fds.getInt(0);
        int out = fds.getInt(Integer.BYTES);
        rc = source.beginWith(in, true);
        if (rc == 0) {
            rc = sink.beginWith(out, false);
            if (rc < 0) {
                source.detach();
            }
        }
        if (rc < 0) {
            source.posix.close(in);
            source.posix.close(out);
            return rc;
        }
        source.openLater();
        sink.openLater();
        return 0;
    }

    /**
     * Opens a FIFO.
     *
     * @param path its name; see {@link #makeFifo}
     * @param isForReading to read it, or to write to it
     * @return 0; {@code -ENXIO} if nobody reads what this would write;
     *     {@link ReturnCode#BAD_ARGUMENT} for a path with a NUL in it; codes of {@link #open}
     */
    public int openFifo(String path, boolean isForReading) {
        if (!isFree()) {
            return ReturnCode.ALREADY_OPEN;
        }
        if (!NativeBuffer.isCString(path)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        NativeBuffer name = NativeBuffer.cString(path);
        int mode = isForReading ? Linux.O_RDONLY : Linux.O_WRONLY;
        int fd = posix.openat(Linux.AT_FDCWD, name.addressOffset(),
                mode | Linux.O_NONBLOCK | Linux.O_CLOEXEC | Linux.O_NOCTTY, 0);
        Reference.reachabilityFence(name);
        if (fd < 0) {
            return fd;
        }
        int rc = beginWith(fd, isForReading);
        if (rc < 0) {
            posix.close(fd);
        } else {
            openLater();
        }
        return rc;
    }

    /**
     * Makes the name of a FIFO.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param path where
     * @param mode such as 0600, less the process's umask
     * @return 0; {@link ReturnCode#BAD_ARGUMENT} for a path with a NUL in it; {@code -errno}
     */
    public static int makeFifo(String path, int mode) {
        if (!NativeBuffer.isCString(path)) {
            return ReturnCode.BAD_ARGUMENT;
        }
        NativeBuffer name = NativeBuffer.cString(path);
        int rc = Posix.system().mknodat(
                Linux.AT_FDCWD, name.addressOffset(), Linux.S_IFIFO | mode, 0);
        Reference.reachabilityFence(name);
        return rc;
    }

    private int beginWith(int fd, boolean isForReading) {
        reads = isForReading;
        return begin(fd, true, true);
    }

    /**
     * How much the pipe holds.
     *
     * @return bytes, {@code -errno}
     */
    public int capacity() {
        return isOpen() ? posix.fcntl(attachedDescriptor(), Linux.F_GETPIPE_SZ, 0) : closedCode();
    }

    /**
     * Widens or narrows the pipe.
     *
     * @param lengthBytes how much; the kernel rounds up
     * @return what it holds from now on; {@code -EPERM} past the user's limit, {@code -EBUSY} if it
     *     holds more than that
     */
    public int capacity(int lengthBytes) {
        return isOpen() ? posix.fcntl(attachedDescriptor(), Linux.F_SETPIPE_SZ, lengthBytes)
                : closedCode();
    }

    /**
     * Copies what is in the pipe to another pipe within the kernel, and leaves it there.
     *
     * @param sink another pipe's writing end
     * @param lengthBytes at most
     * @return bytes, 0 at the end, {@code -EAGAIN} if there are none, no room for them, or a queue
     *     before them, {@code -errno}
     */
    public long tee(PipeStream sink, long lengthBytes) {
        if (!isOpen()) {
            return closedCode();
        }
        if (!sink.isOpen()) {
            return sink.closedCode();
        }
        if (sink.queuedBytes() > 0) {
            return -Errno.EAGAIN;
        }
        long n = posix.tee(attachedDescriptor(), sink.attachedDescriptor(), lengthBytes,
                Linux.SPLICE_F_NONBLOCK);
        if (n > 0) {
            sink.countWhole(n);
        }
        return n;
    }

    /**
     * Puts memory itself into the pipe, with no copy: it must stay as it is until the bytes were
     * read at the other end.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many
     * @return bytes taken; {@code -EAGAIN} if there is no room, or a queue before them; after
     *     either and after fewer than {@code length}, {@code onWritable} follows;
     *     {@link ReturnCode#HEAP_BUFFER}; {@code -EBADF} on the reading end; {@code -errno}
     */
    public int vmsplice(DirectBuffer buffer, int offset, int length) {
        if (!isOpen() || reads) {
            return isOpen() ? -Errno.EBADF : closedCode(); // there it would fill the buffer
        }
        if (NativeBuffer.isHeap(buffer)) {
            return ReturnCode.HEAP_BUFFER;
        }
        buffer.boundsCheck(offset, length);
        if (queuedBytes() > 0) {
            return -Errno.EAGAIN;
        }
        NativeBuffer iovec = Iovec.of(buffer.addressOffset() + offset, length);
        long n = posix.vmsplice(
                attachedDescriptor(), iovec.addressOffset(), 1, Linux.SPLICE_F_NONBLOCK);
        Reference.reachabilityFence(buffer);
        if (n > 0) {
            countWhole(n);
        }
        if (n == -Errno.EAGAIN || n >= 0 && n < length) {
            awaitRoom();
        }
        return (int) n;
    }

    @Override
    protected long receive(long address, int length) {
        return reads ? posix.read(attachedDescriptor(), address, length) : -Errno.EBADF;
    }

    @Override
    protected long transmit(long address, int length) {
        return reads ? -Errno.EBADF : posix.write(attachedDescriptor(), address, length);
    }

    @Override
    protected long transmit(Gather pieces) {
        return reads ? -Errno.EBADF : pieces.write(posix, attachedDescriptor(), 0);
    }

    /** See pipe(7): that much is written whole, or not at all. */
    @Override
    protected int leastRoomBytes() {
        return Linux.PIPE_BUF;
    }

    /** A pipe's writing side ends by being closed, which {@code close} does. */
    @Override
    protected int endTransmission() {
        return reads ? -Errno.EBADF : closeNow();
    }

    private int closeNow() {
        startClose(0);
        return 0;
    }

    @Override
    protected void closeDescriptor() {
        posix.close(attachedDescriptor());
    }

    @Override
    protected boolean isPipe() {
        return true;
    }

    @Override
    protected boolean canSpliceFrom() {
        return reads;
    }

    @Override
    protected boolean canSpliceTo() {
        return !reads;
    }
}
