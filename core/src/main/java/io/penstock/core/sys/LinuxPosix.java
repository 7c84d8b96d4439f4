package io.penstock.core.sys;

/** Calls the kernel. On other platforms every call returns {@link #UNSUPPORTED_PLATFORM}. */
public final class LinuxPosix extends Posix {
    static final LinuxPosix INSTANCE = new LinuxPosix();

    private LinuxPosix() {
    }

    @Override
    protected long enter(int number, long a, long b, long c, long d, long e, long f) {
        return KernelEntry.enter(number, a, b, c, d, e, f);
    }

    /**
     * How this process enters the kernel.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @return {@code stub}: machine code in a page of its own; {@code libc}: libc's
     *     {@code syscall}, because {@code -Dpenstock.kernelEntry=libc} asks for it or executable
     *     mappings are refused; {@code none}: the platform is not supported
     */
    public static String kernelEntry() {
        return KernelEntry.KIND;
    }
}
