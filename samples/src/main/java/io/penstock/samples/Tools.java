package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.loop.Handle;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/** Addresses and files as the tools' command lines give them, and listening. */
final class Tools {
    static final String DEFAULT_PATH = "/tmp/pipe.sock";
    /** Enough for the handles of a tool that has few. */
    static final int FEW_BLOCKS = 64;

    private Tools() {
    }

    /** Where {@code -U PATH} or {@code -l [ADDRESS:]PORT} says to listen. */
    static Endpoint listening(Arguments arguments) {
        if (arguments.has("U") && arguments.has("l")) {
            throw arguments.usage("-U and -l exclude each other");
        }
        Endpoint at = new Endpoint();
        String port = arguments.value("l", null);
        int rc;
        if (port == null) {
            rc = unix(at, arguments.value("U", DEFAULT_PATH));
        } else {
            rc = at.parse(port.indexOf(':') >= 0 ? port : "0.0.0.0:" + port);
        }
        if (rc < 0) {
            throw arguments.usage(
                    (port == null ? arguments.value("U", DEFAULT_PATH) : port) + ": "
                    + ReturnCode.describe(rc));
        }
        return at;
    }

    /** Where {@code --metrics FILE} says to count; null if it does not. */
    static MetricsRegion region(Arguments arguments, String tool, int blocks) {
        String file = arguments.value("metrics", null);
        if (file == null) {
            return null;
        }
        MetricsRegion region = new MetricsRegion(blocks);
        int rc = region.open(file);
        if (rc < 0) {
            throw new Exit(Exit.FAILURE, tool + ": " + file + ": " + ReturnCode.describe(rc));
        }
        // However the tool ends, but by SIGKILL, the file has what it counted.
        Runtime.getRuntime().addShutdownHook(new Thread(region::close));
        return region;
    }

    /** A Unix path, or a name in the abstract namespace behind an {@code @}. */
    static int unix(Endpoint at, String path) {
        return path.startsWith("@") ? at.unixAbstract(path.substring(1)) : at.unix(path);
    }

    /** Listens; a Unix path that nobody listens on any more is taken over. */
    static void listen(Listener listener, Endpoint at, String tool) {
        int rc = listener.listen(at, 16);
        if (isFreed(at, rc)) {
            rc = listener.listen(at, 16);
        }
        bound(listener, at, tool, rc);
    }

    /** Whether what was in use is a Unix path that is nobody's any more, and is now removed. */
    static boolean isFreed(Endpoint at, int rc) {
        boolean isFreed = rc == -Errno.EADDRINUSE && at.isUnix() && isAbandoned(at);
        if (isFreed) {
            unlink(at);
        }
        return isFreed;
    }

    /** Ends the tool if a handle did not get its address; sees to the path if it is one. */
    static void bound(Handle handle, Endpoint at, String tool, int rc) {
        require(rc, tool + ": " + at);
        if (at.isUnix() && !at.isUnixAbstract()) {
            removeWhenKilled(handle, at);
        }
    }

    /** Ends the tool if something that it cannot do without failed. */
    static void require(int rc, String what) {
        if (rc < 0) {
            throw new Exit(Exit.FAILURE, what + ": " + ReturnCode.describe(rc));
        }
    }

    private static void unlink(Endpoint at) {
        Posix.system().unlinkat(Linux.AT_FDCWD, at.address() + Endpoint.UNIX_NAME_OFFSET, 0);
    }

    /**
     * Whether a path is a socket's that has gone. Asked with a socket of another type, which
     * somebody who listens there never hears of; to one who accepts a single connection, a stream
     * would be that.
     */
    private static boolean isAbandoned(Endpoint at) {
        Posix posix = Posix.system();
        NativeBuffer stat = NativeBuffer.allocate(Linux.STATX_BYTES);
        int found = posix.statx(Linux.AT_FDCWD, at.address() + Endpoint.UNIX_NAME_OFFSET,
                Linux.AT_SYMLINK_NOFOLLOW, Linux.STATX_BASIC_STATS, stat.addressOffset());
        int kind = stat.getShort(Linux.STATX_MODE_OFFSET) & Linux.S_IFMT;
        if (found < 0 || kind != Linux.S_IFSOCK) {
            return false;
        }
        int fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM | Linux.SOCK_CLOEXEC, 0);
        int rc = posix.connect(fd, at.address(), at.length());
        posix.close(fd);
        Reference.reachabilityFence(at);
        return rc == -Errno.ECONNREFUSED;
    }

    /** SIGINT ends the JVM where it stands: the handle does not get to remove its path. */
    private static void removeWhenKilled(Handle handle, Endpoint at) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (handle.isOpen()) {
                unlink(at);
            }
        }));
    }
}
