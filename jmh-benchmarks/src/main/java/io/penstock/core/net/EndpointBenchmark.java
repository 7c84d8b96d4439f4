package io.penstock.core.net;

import io.netty.util.NetUtil;
import io.penstock.benchmarks.Measured;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Addresses from text and to text. The JDK and Netty parse no port, so theirs is left out. */
public class EndpointBenchmark extends Measured {
    private static final int PORT = 443;

    /** The address. */
    @Param({"192.0.2.1", "2001:db8::8:800:200c:417a"})
    public String address;

    private final StringBuilder out = new StringBuilder(64);
    private final Endpoint endpoint = new Endpoint();
    private final Endpoint parsed = new Endpoint();
    private String text;
    private InetSocketAddress jdk;

    /** Parses it once. */
    @Setup
    public void open() {
        text = (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + PORT;
        require(parsed.parse(text));
        jdk = new InetSocketAddress(InetAddress.ofLiteral(address), PORT);
    }

    /**
     * Penstock's, with its port.
     *
     * @return a code
     */
    @Benchmark
    public int penstockParse() {
        return endpoint.parse(text);
    }

    /**
     * The JDK's.
     *
     * @return the address
     */
    @Benchmark
    public InetAddress jdkParse() {
        return InetAddress.ofLiteral(address);
    }

    /**
     * Netty's, as it is received.
     *
     * @return its bytes
     */
    @Benchmark
    public byte[] nettyParse() {
        return NetUtil.createByteArrayFromIpAddressString(address);
    }

    /**
     * Penstock's, with its port.
     *
     * @return the text
     */
    @Benchmark
    public StringBuilder penstockPrint() {
        out.setLength(0);
        return parsed.appendTo(out);
    }

    /**
     * The JDK's, with its port.
     *
     * @return the text
     */
    @Benchmark
    public StringBuilder jdkPrint() {
        out.setLength(0);
        return out.append(jdk.getAddress().getHostAddress()).append(':').append(PORT);
    }

    /**
     * Netty's, with its port.
     *
     * @return the text
     */
    @Benchmark
    public String nettyPrint() {
        return NetUtil.toSocketAddressString(jdk);
    }
}
