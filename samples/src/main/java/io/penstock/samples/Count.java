package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.pipes.StandardStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * Counts the bytes of standard input or of files, as {@code wc -c} does. Bytes that nobody looks at
 * do not come to the process at all: a pipe is spliced to {@code /dev/null}.
 */
public final class Count {
    private static final int PIPE_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 1 << 18;

    private final Posix posix = Posix.system();
    private final Report report;
    private final String algorithm;
    private final Meter meter;
    private final MetricsRegion region; // or null
    private int sum;
    private final StandardStream out = new StandardStream(posix, 1);
    private final NativeBuffer buffer = new NativeBuffer();
    private ByteBuffer bytes; // the same memory, as the JDK's CRCs take it
    private Checksum checksum;

    private Count(Arguments arguments) {
        report = new Report("count", arguments);
        algorithm = arguments.value("digest", null);
        meter = new Meter("count", arguments.has("v"));
        region = Tools.region(arguments, "count", Tools.FEW_BLOCKS);
        if (region != null) {
            sum = region.claimAggregate(region.register(StreamMetrics.TYPE), "count");
        }
        if (algorithm != null && !Checksum.isKnown(algorithm)) {
            throw arguments.usage("--digest: not known, see --help: " + algorithm);
        }
    }

    /**
     * The program.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        Exit.with(() -> {
            Arguments arguments = new Arguments("count", "[-v] [--digest ALGORITHM] [FILE...]")
                    .reports()
                    .flag("v", "show the rate on stderr")
                    .longValue("digest", "ALGORITHM",
                            "print a digest too: one of " + Checksum.NAMES)
                    .parse(args);
            return new Count(arguments).run(arguments.operands());
        });
    }

    private int run(String[] files) {
        int status = Exit.OK;
        if (files.length == 0) {
            print(countInput(), null);
        } else {
            long total = 0;
            for (String file : files) {
                long n = file.equals("-") ? countInput() : countFile(file);
                if (n < 0) {
                    System.err.println("count: " + file + ": " + ReturnCode.describe((int) n));
                    status = Exit.FAILURE;
                } else {
                    total += n;
                    print(n, file);
                }
            }
            if (files.length > 1) {
                checksum = null;
                print(total, "total");
            }
        }
        return report.print(status);
    }

    private void print(long n, String name) {
        if (n < 0) {
            throw new Exit(Exit.FAILURE, "count: stdin: " + ReturnCode.describe((int) n));
        }
        StringBuilder line = new StringBuilder().append(n);
        if (checksum != null) {
            line.append(' ').append(checksum.hex());
        }
        if (name != null) {
            line.append(' ').append(name);
        }
        int rc = write(line.append('\n').toString());
        if (rc < 0) {
            throw rc == -Errno.EPIPE ? new Exit(Exit.SIGPIPE, null)
                    : new Exit(Exit.FAILURE, "count: stdout: " + ReturnCode.describe(rc));
        }
    }

    private int write(String text) {
        int rc = Launch.wasClosed(1) ? -Errno.EBADF : out.isOpen() ? 0 : out.open();
        if (rc < 0) {
            return rc;
        }
        NativeBuffer line = NativeBuffer.allocate(3 * text.length()); // UTF-8 at its longest
        int length = line.putStringWithoutLengthUtf8(0, text);
        int sent = 0;
        while (sent < length) {
            int n = out.write(line, sent, length - sent);
            if (n < 0) {
                return n;
            }
            sent += n;
            if (sent < length) {
                out.await(false, -1);
            }
        }
        return 0;
    }

    private long countInput() {
        return Launch.wasClosed(0) ? -Errno.EBADF : count(new StandardStream(posix, 0));
    }

    private long countFile(String file) {
        int fd = openFile(file, Linux.O_RDONLY);
        if (fd < 0) {
            return fd;
        }
        StandardStream stream = new StandardStream(posix, fd);
        stream.name(file);
        return count(stream);
    }

    private int openFile(String file, int flags) {
        NativeBuffer path = NativeBuffer.cString(file);
        int fd = posix.openat(
                Linux.AT_FDCWD, path.addressOffset(), flags | Linux.O_CLOEXEC, 0);
        Reference.reachabilityFence(path);
        return fd;
    }

    private int open(StandardStream stream) {
        if (region != null) {
            stream.metrics(region, sum);
        }
        return stream.open();
    }

    private long count(StandardStream source) {
        int rc = open(source);
        if (rc < 0) {
            return rc;
        }
        source.capacity(PIPE_BYTES); // as wide as may be; as it was if it may not
        long n = algorithm == null ? spliceAway(source) : ReturnCode.NOT_SUPPORTED;
        if (n == ReturnCode.NOT_SUPPORTED) {
            n = readAll(source);
        }
        source.close();
        report.closed(source);
        meter.finish(source.counter(StreamMetrics.READ_BYTES_OFFSET));
        return n;
    }

    private long spliceAway(StandardStream source) {
        StandardStream sink = new StandardStream(posix, openFile("/dev/null", Linux.O_WRONLY));
        sink.name("null");
        int rc = open(sink);
        if (rc < 0) {
            return ReturnCode.NOT_SUPPORTED;
        }
        long total = 0;
        long n;
        while (true) {
            n = source.splice(sink, PIPE_BYTES, Linux.SPLICE_F_MOVE);
            if (n > 0) {
                total += n;
                meter.tick(total);
            } else if (n == -Errno.EAGAIN) {
                source.await(true, -1); // somebody made the description O_NONBLOCK
            } else if (n == -Errno.EINVAL && total == 0) {
                n = ReturnCode.NOT_SUPPORTED;
                break;
            } else {
                break;
            }
        }
        sink.close();
        if (n != ReturnCode.NOT_SUPPORTED) {
            report.closed(sink);
            report.copied(source, sink);
        }
        return n == ReturnCode.EOF ? total : n;
    }

    private long readAll(StandardStream source) {
        if (bytes == null) {
            bytes = ByteBuffer.allocateDirect(BUFFER_BYTES);
            buffer.wrap(bytes);
        }
        checksum = algorithm == null ? null : Checksum.of(algorithm, bytes, buffer);
        long total = 0;
        int n;
        while (true) {
            n = source.read(buffer, 0, BUFFER_BYTES);
            if (n > 0) {
                total += n;
                if (checksum != null) {
                    checksum.update(n);
                }
                meter.tick(total);
            } else if (n == -Errno.EAGAIN) {
                source.await(true, -1);
            } else {
                break;
            }
        }
        return n == ReturnCode.EOF ? total : n;
    }

}
