package io.penstock.dns.resolver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Endpoint;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The examples of RFC 6724 section 10.2, over a kernel that has their source addresses. */
class AddressOrderTest {
    private final FaultyPosix posix = new FaultyPosix();
    private final AddressOrder order = new AddressOrder(posix);
    private final NativeBuffer answer = NativeBuffer.allocate(Answer.ADDRESSES_BYTES);
    private final Map<String, String> sources = new HashMap<>();
    private String connectedTo = "";
    private final int descriptors = Descriptors.open();

    @AfterEach
    void close() {
        order.close();
        Descriptors.assertOpen(descriptors);
    }

    private static Endpoint endpoint(String address, int port) {
        Endpoint endpoint = new Endpoint();
        assertEquals(0, endpoint.parse(
                (address.contains(":") ? "[" + address + "]:" : address + ":") + port));
        return endpoint;
    }

    private void kernel() {
        posix.on(Syscall.CONNECT, (kernel, args) -> {
            NativeBuffer memory = new NativeBuffer();
            memory.wrap(args[1], (int) args[2]);
            Endpoint to = new Endpoint();
            to.wrap(memory, 0, (int) args[2]);
            if (to.port() < 0) {
                return 0; // disconnect
            }
            to.port(0);
            connectedTo = to.toString();
            return sources.containsKey(connectedTo) ? 0 : -Errno.ENETUNREACH;
        });
        posix.on(Syscall.GETSOCKNAME, (kernel, args) -> {
            Endpoint from = endpoint(sources.get(connectedTo), 0);
            NativeBuffer memory = new NativeBuffer();
            memory.wrap(args[1], from.length());
            NativeBuffer bytes = new NativeBuffer();
            bytes.wrap(from.address(), from.length());
            memory.putBytes(0, bytes, 0, from.length());
            NativeBuffer length = new NativeBuffer();
            length.wrap(args[2], Integer.BYTES);
            length.putInt(0, from.length());
            return 0;
        });
    }

    /** Destinations with the source of each, or "" for none: their order. */
    private List<String> sorted(String... destinationsAndSources) {
        kernel();
        Answer.begin(answer, 0, 0);
        for (int i = 0; i < destinationsAndSources.length; i += 2) {
            Endpoint to = endpoint(destinationsAndSources[i], 0);
            if (!destinationsAndSources[i + 1].isEmpty()) {
                sources.put(to.toString(), destinationsAndSources[i + 1]);
            }
            Answer.add(answer, 0, to.ipHigh(), to.ipLow(), to.family(), to.scope());
        }
        order.sort(answer, 0);
        Lookup lookup = new Lookup();
        lookup.wrap(answer, 0, 0, 0);
        List<String> out = new ArrayList<>();
        Endpoint each = new Endpoint();
        for (int i = 0; i < lookup.addresses(); i++) {
            lookup.address(i, 0, each);
            out.add(each.toString().replaceAll(":0$|[\\[\\]]", ""));
        }
        return out;
    }

    @Test
    void matchingScopeIsPreferred() {
        assertEquals(List.of("2001:db8:1::1", "198.51.100.121"), sorted(
                "198.51.100.121", "169.254.13.78", "2001:db8:1::1", "2001:db8::2"));
        assertEquals(List.of("198.51.100.121", "2001:db8:1::1"), sorted(
                "2001:db8:1::1", "fe80::1", "198.51.100.121", "198.51.100.117"));
    }

    @Test
    void higherPrecedenceIsPreferred() {
        assertEquals(List.of("2001:db8:1::1", "10.1.2.3"), sorted(
                "10.1.2.3", "10.1.2.4", "2001:db8:1::1", "2001:db8::2"));
        assertEquals(List.of("2001:db8:1::1", "2002:c633:6401::1"), sorted(
                "2002:c633:6401::1", "2002:c633:6401::2", "2001:db8:1::1", "2001:db8:1::2"));
    }

    @Test
    void matchingLabelIsPreferred() {
        assertEquals(List.of("2002:c633:6401::1", "2001:db8:1::1"), sorted(
                "2001:db8:1::1", "2002:c633:6401::2", "2002:c633:6401::1", "2002:c633:6401::2"));
    }

    @Test
    void smallerScopeIsPreferred() {
        assertEquals(List.of("fe80::1", "2001:db8::1"), sorted(
                "2001:db8::1", "2001:db8::2", "fe80::1", "fe80::2"));
    }

    @Test
    void longerPrefixIsPreferred() {
        assertEquals(List.of("2001:db8:1::1", "2001:db8:3ffe::1"), sorted(
                "2001:db8:3ffe::1", "2001:db8:3f44::2", "2001:db8:1::1", "2001:db8:1::2"));
    }

    @Test
    void whatCannotBeReachedIsLast() {
        assertEquals(List.of("192.0.2.1", "2001:db8::1", "2001:db8::2"), sorted(
                "2001:db8::1", "", "2001:db8::2", "", "192.0.2.1", "192.0.2.2"));
    }

    @Test
    void equalsStayInTheirOrder() {
        assertEquals(List.of("192.0.2.9", "192.0.2.1", "192.0.2.5"), sorted(
                "192.0.2.9", "192.0.2.2", "192.0.2.1", "192.0.2.2", "192.0.2.5", "192.0.2.2"));
    }
}
