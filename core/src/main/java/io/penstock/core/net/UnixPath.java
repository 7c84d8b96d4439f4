package io.penstock.core.net;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * The path of a Unix socket. It is bound with a mode, may replace a stale path, and is removed only
 * if it is still the same file. For sockets of other packages; users of a socket have the socket's
 * methods.
 *
 * <p>A path is stale when no socket is bound to it; a process that was killed leaves such a path.
 * Processes that replace stale paths hold a lock on the folder from before they bind until they
 * listen, so two of them cannot take the path from each other. Another process may replace the path
 * meanwhile without the lock: so a path is first renamed, then tested again, and put back if a
 * socket is bound to it.
 *
 * <p><b>Threading</b>: the socket's thread. <b>Allocation</b>: none after construction.
 * <b>See</b>: unix(7), flock(2).
 */
public final class UnixPath {
    private static final int MODE_MAX = 0777;
    private static final int NONE = -1;

    private final Posix posix;
    private final Endpoint path = new Endpoint();
    private final Endpoint aside = new Endpoint(); // the name that a stale path is renamed to
    private final NativeBuffer folderName =
            NativeBuffer.allocate(Endpoint.UNIX_NAME_MAX_BYTES + 1);
    private final NativeBuffer status = NativeBuffer.allocate(Linux.STATX_BYTES);
    private boolean replacesStale;
    private int mode = NONE;
    private int folder = NONE; // the descriptor that has the lock
    private boolean isOwn;
    private long inode;
    private long device;

    /**
     * Makes an object that has no path yet.
     *
     * @param posix the operating system
     */
    public UnixPath(Posix posix) {
        this.posix = Objects.requireNonNull(posix);
    }

    /**
     * Whether an address is a path.
     *
     * @param at the address
     * @return false for abstract names, sockets without a name, and other families
     */
    public static boolean is(Endpoint at) {
        return at.isUnix() && !at.isUnixAbstract() && at.length() > Endpoint.UNIX_NAME_OFFSET;
    }

    /** Lets {@link #bind} replace stale paths from now on. */
    public void replaceStale() {
        replacesStale = true;
    }

    /**
     * Sets the permissions of paths that are bound from now on, whatever the umask.
     *
     * @param mode such as 0600
     */
    public void mode(int mode) {
        if (mode < 0 || mode > MODE_MAX) {
            throw new IllegalArgumentException("mode " + Integer.toOctalString(mode));
        }
        this.mode = mode;
    }

    /**
     * Binds a socket. Call {@link #settle} once the socket listens, or fails to.
     *
     * @param socket its descriptor
     * @param at the path
     * @return 0; {@code -EADDRINUSE} if a socket or another file has the path; {@code -EAGAIN}
     *     while another process replaces a path in the folder; {@code -EEXIST} if the name that a
     *     stale path is renamed to, with {@code ~} as its first letter, exists already;
     *     {@code -errno}
     */
    public int bind(int socket, Endpoint at) {
        take(at);
        int rc = replacesStale ? lockFolder() : 0;
        if (rc == 0) {
            rc = bindWithMode(socket, at);
        }
        if (rc == -Errno.EADDRINUSE && replacesStale && isStale(path)) {
            rc = removeStale();
            if (rc == 0) {
                rc = bindWithMode(socket, at);
            }
        }
        if (rc < 0) {
            settle();
        }
        return rc;
    }

    /** Unlocks the folder, so that other processes may replace paths in it. */
    public void settle() {
        if (folder >= 0) {
            posix.close(folder);
            folder = NONE;
        }
    }

    /**
     * Makes a path that is bound already the one that {@link #remove} removes.
     *
     * @param at the path
     */
    public void own(Endpoint at) {
        take(at);
        remember();
    }

    /** Removes the path if it is still the same file. Called before its socket is closed. */
    public void remove() {
        if (isOwn && look(path) == 0 && inode == status.getLong(Linux.STATX_INO_OFFSET)
                && device == status.getLong(Linux.STATX_DEV_OFFSET)) {
            posix.unlinkat(Linux.AT_FDCWD, name(path), 0);
        }
        isOwn = false;
    }

    private void take(Endpoint at) {
        isOwn = false;
        path.sockaddr().setMemory(0, Endpoint.MAX_BYTES, (byte) 0); // a NUL is behind the name
        path.copyFrom(at);
    }

    /** Where the name lies, with a NUL behind it. */
    private static long name(Endpoint of) {
        return of.address() + Endpoint.UNIX_NAME_OFFSET;
    }

    /** Where the last part of the name begins. */
    private int lastPart() {
        int at = path.nameEnd();
        while (at > Endpoint.UNIX_NAME_OFFSET && path.sockaddr().getByte(at - 1) != '/') {
            at--;
        }
        return at;
    }

    private int bindWithMode(int socket, Endpoint at) {
        // The kernel makes the path with the mode of the socket, less the umask.
        int rc = mode == NONE ? 0 : posix.fchmod(socket, mode);
        if (rc == 0) {
            rc = posix.bind(socket, at.address(), at.length());
            Reference.reachabilityFence(at);
        }
        if (rc < 0) {
            return rc;
        }
        remember();
        rc = mode == NONE ? 0 : posix.fchmodat(Linux.AT_FDCWD, name(path), mode);
        if (rc < 0) {
            remove();
        }
        return rc;
    }

    private int lockFolder() {
        int length = lastPart() - Endpoint.UNIX_NAME_OFFSET;
        folderName.setMemory(0, folderName.capacity(), (byte) 0);
        if (length == 0) {
            folderName.putByte(0, (byte) '.');
        } else {
            folderName.putBytes(0, path.sockaddr(), Endpoint.UNIX_NAME_OFFSET, length);
        }
        int fd = posix.openat(
                Linux.AT_FDCWD, folderName.addressOffset(), Linux.O_RDONLY | Linux.O_CLOEXEC, 0);
        if (fd < 0) {
            return fd;
        }
        int rc = posix.flock(fd, Linux.LOCK_EX | Linux.LOCK_NB);
        if (rc < 0) {
            posix.close(fd);
        } else {
            folder = fd;
        }
        return rc;
    }

    /**
     * Whether no socket is bound to the path, listening or not. Tested by connecting a datagram
     * socket, which a listener does not notice; a stream socket would be a connection to it.
     */
    private boolean isStale(Endpoint at) {
        if (look(at) < 0
                || (status.getShort(Linux.STATX_MODE_OFFSET) & Linux.S_IFMT) != Linux.S_IFSOCK) {
            return false;
        }
        int fd = posix.socket(
                Linux.AF_UNIX, Linux.SOCK_DGRAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return false;
        }
        int rc = posix.connect(fd, at.address(), at.length());
        Reference.reachabilityFence(at);
        posix.close(fd);
        return rc == -Errno.ECONNREFUSED;
    }

    private int removeStale() {
        aside.sockaddr().setMemory(0, Endpoint.MAX_BYTES, (byte) 0);
        aside.copyFrom(path);
        int at = lastPart();
        byte first = path.sockaddr().getByte(at);
        aside.sockaddr().putByte(at, (byte) (first == '~' ? '+' : '~')); // of the same length
        int rc = rename(path, aside);
        if (rc < 0) {
            return rc == -Errno.ENOENT ? 0 : rc; // another process removed it
        }
        if (isStale(aside)) {
            posix.unlinkat(Linux.AT_FDCWD, name(aside), 0);
            return 0;
        }
        rename(aside, path);
        return -Errno.EADDRINUSE;
    }

    private int rename(Endpoint from, Endpoint to) {
        return posix.renameat2(
                Linux.AT_FDCWD, name(from), Linux.AT_FDCWD, name(to), Linux.RENAME_NOREPLACE);
    }

    private int look(Endpoint at) {
        return posix.statx(Linux.AT_FDCWD, name(at), Linux.AT_SYMLINK_NOFOLLOW,
                Linux.STATX_BASIC_STATS, status.addressOffset());
    }

    private void remember() {
        isOwn = look(path) == 0;
        inode = status.getLong(Linux.STATX_INO_OFFSET);
        device = status.getLong(Linux.STATX_DEV_OFFSET);
    }
}
