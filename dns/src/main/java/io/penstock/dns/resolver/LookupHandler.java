package io.penstock.dns.resolver;

/**
 * Receives the results of lookups. One handler may serve any number of lookups.
 *
 * <p><b>Threading</b>: called in the loop's thread, never from inside a call on the resolver.
 */
@FunctionalInterface
public interface LookupHandler {
    /**
     * The lookup has ended. This is called exactly once for each lookup, unless it was cancelled.
     *
     * @param lookup the addresses or records; valid until this method returns
     * @param result the number of addresses or records, at least 1; or
     *     {@link io.penstock.core.ReturnCode#DNS_NXDOMAIN},
     *     {@link io.penstock.core.ReturnCode#DNS_NODATA},
     *     {@link io.penstock.core.ReturnCode#DNS_SERVFAIL},
     *     {@link io.penstock.core.ReturnCode#DNS_REFUSED},
     *     {@link io.penstock.core.ReturnCode#DNS_CHAIN_TOO_LONG},
     *     {@link io.penstock.core.ReturnCode#DNS_QUOTA},
     *     {@link io.penstock.core.ReturnCode#DNS_HOST_NAME},
     *     {@link io.penstock.core.ReturnCode#TIMED_OUT} (the deadline passed, or no server
     *     answered), {@link io.penstock.core.ReturnCode#EOF} (the servers closed the connections),
     *     {@link io.penstock.core.ReturnCode#CALLBACK_THREW} (the connector threw),
     *     {@link io.penstock.core.ReturnCode#CLOSED} (the resolver was closed), {@code -errno} of a
     *     system call, a code of the connector or its stream
     */
    void onAnswer(Lookup lookup, int result);
}
