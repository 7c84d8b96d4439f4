package io.penstock.dns.resolver;

/**
 * Turns a name as people write it into one that DNS has: {@code bücher.example} into
 * {@code xn--bcher-kva.example}. {@link IcuNames} is one.
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
     * @return 0, or {@link io.penstock.core.ReturnCode#DNS_IDNA} if it is no such name
     */
    int toAscii(CharSequence name, StringBuilder out);
}
