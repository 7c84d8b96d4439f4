package io.penstock.dns.resolver;

/**
 * Who is told how a lookup ended. One handler serves any number of them.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the resolver.
 */
@FunctionalInterface
public interface LookupHandler {
    /**
     * The lookup has ended: exactly once, unless it was cancelled.
     *
     * @param lookup what was found; valid until this returns
     * @param result how many addresses or records there are, at least 1; or
     *     {@link io.penstock.core.ReturnCode#DNS_NXDOMAIN},
     *     {@link io.penstock.core.ReturnCode#DNS_NODATA},
     *     {@link io.penstock.core.ReturnCode#DNS_SERVFAIL},
     *     {@link io.penstock.core.ReturnCode#DNS_REFUSED},
     *     {@link io.penstock.core.ReturnCode#DNS_CHAIN_TOO_LONG},
     *     {@link io.penstock.core.ReturnCode#DNS_QUOTA},
     *     {@link io.penstock.core.ReturnCode#DNS_HOST_NAME},
     *     {@link io.penstock.core.ReturnCode#TIMED_OUT} (its deadline, or the servers are silent),
     *     {@link io.penstock.core.ReturnCode#EOF} (the servers hang up),
     *     {@link io.penstock.core.ReturnCode#CALLBACK_THREW} (the connector),
     *     {@link io.penstock.core.ReturnCode#CLOSED} (the resolver), {@code -errno} of what the
     *     kernel would not give
     */
    void onAnswer(Lookup lookup, int result);
}
