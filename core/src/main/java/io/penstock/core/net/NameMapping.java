package io.penstock.core.net;

/**
 * Turns a host name as people write it into the one that DNS and certificates have:
 * {@code bücher.example} into {@code xn--bcher-kva.example}. {@link IcuNames} is one. A resolver
 * and a TLS configuration that share one look up, ask for and verify the same name.
 *
 * <p><b>Threading</b>: called in the loop's thread, for names that are not ASCII alone.
 */
@FunctionalInterface
public interface NameMapping {
    /**
     * Maps a name.
     *
     * @param name not ASCII
     * @param out takes the name in ASCII; empty before
     * @return 0, or {@link io.penstock.core.ReturnCode#BAD_NAME} if it is no such name
     */
    int toAscii(CharSequence name, StringBuilder out);
}
