package io.penstock.samples;

import io.penstock.core.ReturnCode;
import io.penstock.core.loop.Handle;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.net.Endpoint;
import io.penstock.core.net.Listener;
import io.penstock.core.net.UnixPath;
import io.penstock.core.sys.Posix;

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
        bound(listener, at, tool, listener.replaceStalePath().listen(at, 16));
    }

    /** Ends the tool if a handle did not get its address; sees to the path if it is one. */
    static void bound(Handle handle, Endpoint at, String tool, int rc) {
        require(rc, tool + ": " + at);
        if (UnixPath.is(at)) {
            removeWhenKilled(handle, at);
        }
    }

    /** Ends the tool if something that it cannot do without failed. */
    static void require(int rc, String what) {
        if (rc < 0) {
            throw new Exit(Exit.FAILURE, what + ": " + ReturnCode.describe(rc));
        }
    }

    /** SIGINT ends the JVM where it stands: the handle does not get to remove its path. */
    private static void removeWhenKilled(Handle handle, Endpoint at) {
        UnixPath path = new UnixPath(Posix.system());
        path.own(at);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (handle.isOpen()) {
                path.remove();
            }
        }));
    }
}
