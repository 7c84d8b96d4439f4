package io.penstock.core.sys;

import java.util.Locale;

/** The operating system and processor of this machine. */
final class Architecture {
    private static final String NAME = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);

    static final boolean IS_LINUX = System.getProperty("os.name", "").equals("Linux");
    static final boolean IS_X86_64 = NAME.equals("amd64") || NAME.equals("x86_64");
    static final boolean IS_AARCH64 = NAME.equals("aarch64") || NAME.equals("arm64");
    static final boolean IS_SUPPORTED = IS_LINUX && (IS_X86_64 || IS_AARCH64);

    private Architecture() {
    }
}
