package io.penstock.core.net;

/**
 * Maps a host name from the form that people write to the form that DNS and certificates have:
 * {@code bücher.example} to {@code xn--bcher-kva.example}. {@link IcuNames} implements it. A
 * resolver and a TLS configuration that share a mapping look up and verify the same name.
 *
 * <p><b>Threading</b>: called in the loop's thread, only for names that are not all ASCII.
 */
@FunctionalInterface
public interface NameMapping {
    /**
     * Maps a name.
     *
     * @param name the name, not all ASCII
     * @param out takes the name in ASCII; empty before
     * @return 0, or {@link io.penstock.core.ReturnCode#BAD_NAME} if the name cannot be mapped
     */
    int toAscii(CharSequence name, StringBuilder out);
}
