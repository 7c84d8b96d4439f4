package io.penstock.core.sys;

/** The kernel itself. On a platform that is not supported every call says so. */
public final class LinuxPosix extends Posix {
    static final LinuxPosix INSTANCE = new LinuxPosix();

    private LinuxPosix() {
    }

    @Override
    protected long enter(int number, long a, long b, long c, long d, long e, long f) {
        return KernelEntry.enter(number, a, b, c, d, e, f);
    }

    /**
     * How this process enters the kernel: {@code stub} (machine code in a page of its own),
     * {@code libc} (libc's {@code syscall}, chosen by {@code -Dpenstock.kernelEntry=libc} or where
     * executable mappings are refused) or {@code none} (the platform is not supported).
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @return the kind of entry
     */
    public static String kernelEntry() {
        return KernelEntry.KIND;
    }
}
