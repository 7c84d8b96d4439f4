package io.penstock.samples;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import java.lang.ref.Reference;

/** What a tool asks of the terminal. */
final class Terminal {
    private static final int TIOCGWINSZ = 0x5413;
    private static final int COLUMNS_OFFSET = 2;

    private Terminal() {
    }

    /** Whether a descriptor is one. */
    static boolean is(int descriptor) {
        NativeBuffer termios = NativeBuffer.allocate(64);
        boolean is = Posix.system().ioctl(descriptor, Linux.TCGETS, termios.addressOffset()) == 0;
        Reference.reachabilityFence(termios);
        return is;
    }

    static int rows(int descriptor, int otherwise) {
        return size(descriptor, 0, otherwise);
    }

    static int columns(int descriptor, int otherwise) {
        return size(descriptor, COLUMNS_OFFSET, otherwise);
    }

    private static int size(int descriptor, int offset, int otherwise) {
        NativeBuffer size = NativeBuffer.allocate(8);
        int rc = Posix.system().ioctl(descriptor, TIOCGWINSZ, size.addressOffset());
        int cells = rc < 0 ? 0 : size.getShort(offset) & 0xffff;
        Reference.reachabilityFence(size);
        return cells == 0 ? otherwise : cells;
    }
}
