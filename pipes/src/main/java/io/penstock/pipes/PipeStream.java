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
 * One end of a pipe that this process made, or of a FIFO.
 *
 * <p><b>Threading</b>: the loop's thread. <b>Allocation</b>: none after opening.
 * <b>See</b>: pipe(7), fifo(7), tee(2), vmsplice(2).
 */
public final class PipeStream extends DescriptorStream {
    private boolean reads;

    /**
     * An end that belongs to a loop.
     *
     * @param loop the loop
     * @param handler takes the stream's events
     */
    public PipeStream(EventLoop loop, StreamHandler handler) {
        super(loop, handler, "pipe");
    }

    /** An end that belongs to no loop. */
    public PipeStream() {
        super(Posix.system(), "pipe");
    }

    /**
     * Names the stream, before it is open.
     *
     * @param name the stream's label in the metrics
     * @return this
     */
    @Override
    public PipeStream name(String name) {
        super.name(name);
        return this;
    }

    /**
     * Makes a pipe: bytes written to {@code sink} are read from {@code source}.
     *
     * @param source becomes the reading end
     * @param sink becomes the writing end
     * @return 0; {@link ReturnCode#ALREADY_OPEN}; {@link ReturnCode#HANDLES_EXHAUSTED};
     *     {@link ReturnCode#METRICS_EXHAUSTED}; {@code -errno} of pipe2(2). After a code neither
     *     stream is opened
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
     * @param path the FIFO's path; see {@link #makeFifo}
     * @param isForReading true to read, false to write
     * @return 0; {@code -ENXIO} for writing while no process has the FIFO open for reading;
     *     {@link ReturnCode#BAD_ARGUMENT} for a path with a NUL in it; {@code -errno} of openat(2);
     *     codes of {@link #open}
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
     * Makes a FIFO in the file system.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param path the FIFO's path
     * @param mode permissions, such as 0600; the process's umask applies
     * @return 0; {@link ReturnCode#BAD_ARGUMENT} for a path with a NUL in it; {@code -errno} of
     *     mknodat(2)
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
     * The pipe's capacity.
     *
     * @return bytes; {@code -errno} of fcntl(2)
     */
    public int capacity() {
        return isOpen() ? posix.fcntl(attachedDescriptor(), Linux.F_GETPIPE_SZ, 0) : closedCode();
    }

    /**
     * Sets the pipe's capacity.
     *
     * @param lengthBytes the capacity, which the kernel rounds up
     * @return the new capacity in bytes; {@code -EPERM} above the user's limit; {@code -EBUSY} if
     *     the pipe holds more bytes than that; {@code -errno} of fcntl(2)
     */
    public int capacity(int lengthBytes) {
        return isOpen() ? posix.fcntl(attachedDescriptor(), Linux.F_SETPIPE_SZ, lengthBytes)
                : closedCode();
    }

    /**
     * Copies the pipe's bytes to another pipe within the kernel. The bytes can still be read from
     * this one.
     *
     * @param sink another pipe's writing end
     * @param lengthBytes the most bytes to copy
     * @return bytes copied; 0 at the end of the pipe; {@code -EAGAIN} if this pipe is empty, the
     *     sink is full, or the sink has queued writes that must go first; {@code -errno} of tee(2)
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
     * Puts pages of memory into the pipe without copying them. The memory must not change until the
     * bytes have been read at the other end.
     *
     * @param buffer off the heap
     * @param offset of the first byte
     * @param length how many bytes
     * @return bytes taken; {@code -EAGAIN} if the pipe is full, or the stream has queued writes
     *     that must go first; {@link ReturnCode#HEAP_BUFFER}; {@code -EBADF} on the reading end;
     *     {@code -errno} of vmsplice(2). After {@code -EAGAIN}, and after fewer than
     *     {@code length} bytes, {@code onWritable} follows
     */
    public int vmsplice(DirectBuffer buffer, int offset, int length) {
        if (!isOpen() || reads) {
            return isOpen() ? -Errno.EBADF : closedCode(); // a reading end would fill the buffer
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

    /** See pipe(7): a write of up to PIPE_BUF bytes is done whole or not at all. */
    @Override
    protected int leastRoomBytes() {
        return Linux.PIPE_BUF;
    }

    /** A pipe's writing end can only be ended by closing it. */
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
