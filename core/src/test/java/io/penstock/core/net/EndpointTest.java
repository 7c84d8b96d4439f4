package io.penstock.core.net;

import static io.penstock.core.ReturnCode.BAD_ADDRESS;
import static io.penstock.core.ReturnCode.BAD_ARGUMENT;
import static io.penstock.core.ReturnCode.HEAP_BUFFER;
import static io.penstock.core.ReturnCode.NAME_TOO_LONG;
import static io.penstock.core.ReturnCode.NOT_SUPPORTED;
import static io.penstock.core.ReturnCode.OK;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.sys.Errno;
import io.penstock.core.sys.Linux;
import io.penstock.core.sys.Posix;
import io.penstock.core.sys.Syscall;
import io.penstock.core.testing.Allocation;
import io.penstock.core.testing.Descriptors;
import io.penstock.core.testing.FaultyPosix;
import io.penstock.core.testing.HeapBuffer;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    private static final byte GUARD = 0x5a;

    private final Posix posix = Posix.system();

    // Text

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:7000, 127.0.0.1:7000",
        "0.0.0.0:0, 0.0.0.0:0",
        "255.255.255.255:65535, 255.255.255.255:65535",
        "[::1]:7000, [::1]:7000",
        "[::]:0, [::]:0",
        "[1::]:1, [1::]:1",
        "[2001:DB8::A]:80, [2001:db8::a]:80",
        "[2001:0db8:0000:0000:0000:0000:0000:0001]:80, [2001:db8::1]:80",
        "[1:2:3:4:5:6:7:8]:9, [1:2:3:4:5:6:7:8]:9",
        "[2001:db8:0:1:1:1:1:1]:80, [2001:db8:0:1:1:1:1:1]:80",
        "[2001:db8::1:1:1:1:1]:80, [2001:db8:0:1:1:1:1:1]:80",
        "[2001:0:0:1:0:0:0:1]:80, [2001:0:0:1::1]:80",
        "[2001:db8:0:0:1:0:0:1]:80, [2001:db8::1:0:0:1]:80",
        "[0:0:1:2:3:4:0:0]:80, [::1:2:3:4:0:0]:80",
        "[1:2:3:4:5:6:0:0]:80, [1:2:3:4:5:6::]:80",
        "[::2:3:4:5:6:7:8]:80, [0:2:3:4:5:6:7:8]:80",
        "[1:2:3:4:5:6:7::]:80, [1:2:3:4:5:6:7:0]:80",
        "[::ffff:1.2.3.4]:80, [::ffff:1.2.3.4]:80",
        "[::FFFF:0102:0304]:80, [::ffff:1.2.3.4]:80",
        "[0:0:0:0:0:ffff:1.2.3.4]:80, [::ffff:1.2.3.4]:80",
        "[64:ff9b::1.2.3.4]:80, [64:ff9b::102:304]:80",
        "[::1.2.3.4]:80, [::102:304]:80",
        "[1:2:3:4:5:6:1.2.3.4]:80, [1:2:3:4:5:6:102:304]:80",
        "[1::6:1.2.3.4]:80, [1::6:102:304]:80",
        "[fe80::1%3]:80, [fe80::1%3]:80",
        "[fe80::1%0]:80, [fe80::1]:80",
        "[fe80::1%4294967295]:80, [fe80::1%4294967295]:80",
        "[fe80::1%lo]:80, [fe80::1%1]:80",
        "unix:/run/x.sock, unix:/run/x.sock",
        "/run/x.sock, unix:/run/x.sock",
        "/, unix:/",
        "unix:x.sock, unix:x.sock",
        "unix:127.0.0.1:80, unix:127.0.0.1:80",
        "unix:./@x, unix:./@x",
        "unix:@name, unix:@name",
        "@name, unix:@name",
        "@, unix:@",
        "@/a b, unix:@/a b",
        "/süß/\u20ac/\ud83d\ude00, unix:/süß/\u20ac/\ud83d\ude00",
    })
    void readsAndWritesText(String text, String canonical) {
        Endpoint endpoint = new Endpoint();
        assertEquals(OK, endpoint.parse(text));
        assertEquals(canonical, endpoint.toString());
        Endpoint again = new Endpoint();
        assertEquals(OK, again.parse(canonical));
        assertEquals(endpoint, again);
        assertEquals(endpoint.hashCode(), again.hashCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", ":", "none", "localhost:80", "*:80", ":7000", "7000", "1.2.3.4", "1.2.3.4:",
        "1.2.3:80", "1.2.3.4.5:80", "1..3.4:80", ".1.2.3:80", "1.2.3.:80", "1.2.3.4.:80",
        "256.0.0.1:80", "01.2.3.4:80", "0x1.2.3.4:80", "1.2.3.00:80", "1.2.3.-4:80",
        "1.2.3.4:65536", "1.2.3.4:080", "1.2.3.4:00", "1.2.3.4:+1", "1.2.3.4:-1", "1.2.3.4:8o",
        "1.2.3.4:99999999999", "1.2.3.4:80:80", " 1.2.3.4:80", "1.2.3.4:80 ", "1.2.3.4 :80",
        "1.2.3.4:4294967376", "\u0661.2.3.4:80", "1.2.3.4:\u0668\u0660",
        "::1", "::1:80", "[::1]", "[::1]:", "[::1]80", "[::1:80", "::1]:80", "[]:80", "[:]:80",
        "[:::]:80", "[::::]:80", "[1:::2]:80", "[1::2::3]:80", "[:1]:80", "[1:]:80", "[:1::]:80",
        "[1::2:]:80", "[1:2:3:4:5:6:7]:80", "[1:2:3:4:5:6:7:8:9]:80", "[1:2:3:4::5:6:7:8]:80",
        "[::1:2:3:4:5:6:7:8]:80", "[12345::]:80", "[00001::]:80", "[g::]:80", "[1.2.3.4]:80",
        "[1.2.3.4::]:80", "[::1.2.3.4:5]:80", "[::1.2.3]:80", "[::1.2.3.256]:80",
        "[::01.2.3.4]:80", "[1:2:3:4:5:6:7:1.2.3.4]:80", "[1:2:3:4:5:1.2.3.4]:80",
        "[::ffff:1.2.3.4.]:80", "[1:2:3:4:5:6:7.8]:80", "[ ::1]:80", "[::1 ]:80", "[::-1]:80",
        "[[::1]]:80", "[::1]]:80", "[::1]:65536", "[::1]:080", "[fe80::1%]:80", "[fe80::1%01]:80",
        "[fe80::1%4294967296]:80", "[fe80::1%a b]:80", "[fe80::1%a/b]:80", "[fe80::1%a:b]:80",
        "[%1]:80", "[fe80::1]%1:80", "[fe80::1%\u00e9]:80",
        "unix", "unix:", "unix", "Unix:/x", "unix /x", "u", "x:/x", "file.sock", "./file",
        "/a\u0000b", "unix:a\u0000", "/\ud800", "/\udc00", "@\udc00\ud800", "/\udc7f", "/\udd00",
    })
    void refusesWhatIsNoAddress(String text) {
        Endpoint endpoint = new Endpoint();
        assertEquals(OK, endpoint.parse("[1:2::3%4]:5"));
        assertTrue(isNoAddress(endpoint.parse(text)));
        assertEquals("[1:2::3%4]:5", endpoint.toString());
    }

    private static boolean isNoAddress(int rc) {
        return rc == BAD_ADDRESS
                || rc <= ReturnCode.ADDRESS_NO_PORT && rc >= ReturnCode.ADDRESS_NO_BRACKETS;
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, ADDRESS_NO_PORT", "127.0.0.1:, ADDRESS_NO_PORT", "[::1], ADDRESS_NO_PORT",
        "[::1]:, ADDRESS_NO_PORT",
        "127.0.0.1:65536, ADDRESS_BAD_PORT", "127.0.0.1:http, ADDRESS_BAD_PORT",
        "127.0.0.1:080, ADDRESS_BAD_PORT", "[::1]:-1, ADDRESS_BAD_PORT",
        "localhost:80, ADDRESS_NOT_NUMERIC", "*:8080, ADDRESS_NOT_NUMERIC",
        "localhost, ADDRESS_NOT_NUMERIC", "example.org:http, ADDRESS_NOT_NUMERIC",
        "::1, ADDRESS_NO_BRACKETS", "::1:80, ADDRESS_NO_BRACKETS", "[::1, ADDRESS_NO_BRACKETS",
        "fe80::1%eth0, ADDRESS_NO_BRACKETS", "[::1:80, ADDRESS_NO_BRACKETS",
        "256.0.0.1:80, BAD_ADDRESS", "1.2.3:80, BAD_ADDRESS", "[::1::]:80, BAD_ADDRESS",
        "8080, BAD_ADDRESS", ":8080, BAD_ADDRESS", "[::1]80, BAD_ADDRESS", "'', BAD_ADDRESS",
    })
    void saysWhichPartIsWrong(String text, String code) {
        String said = ReturnCode.describe(new Endpoint().parse(text));
        assertEquals(code, said.substring(0, said.indexOf(':')));
    }

    @Test
    void limitsNames() {
        Endpoint endpoint = new Endpoint();
        assertEquals(OK, endpoint.parse("/" + "a".repeat(106)));
        assertEquals(110, endpoint.length());
        assertEquals(NAME_TOO_LONG, endpoint.parse("/" + "a".repeat(107)));
        assertEquals(NAME_TOO_LONG, endpoint.parse("/" + "a".repeat(100_000)));
        assertEquals(NAME_TOO_LONG, endpoint.unix("\u20ac".repeat(36)));
        assertEquals(NAME_TOO_LONG, endpoint.unix("\ud83d\ude00".repeat(27)));
        assertEquals(OK, endpoint.unixAbstract("a".repeat(107)));
        assertEquals(110, endpoint.length());
        assertEquals("unix:@" + "a".repeat(107), endpoint.toString());
        assertEquals(NAME_TOO_LONG, endpoint.unixAbstract("a".repeat(108)));
        assertEquals(NAME_TOO_LONG, endpoint.parse("[fe80::1%sixteen-letters-]:1"));
        assertEquals(-Errno.ENODEV, endpoint.parse("[fe80::1%no-such-device]:1"));
        assertEquals("unix:@" + "a".repeat(107), endpoint.toString());
    }

    @Test
    void asksForAnInterfaceAndLeavesNothingOpen() {
        int before = Descriptors.open();
        Endpoint endpoint = new Endpoint();
        FaultyPosix faulty = new FaultyPosix().fail(Syscall.SOCKET, Errno.EMFILE, 0, 1);
        assertEquals(-Errno.EMFILE, endpoint.parse(faulty, "[fe80::1%lo]:1"));
        faulty.heal().fail(Syscall.IOCTL, Errno.EPERM, 0, 1);
        assertEquals(-Errno.EPERM, endpoint.parse(faulty, "[fe80::1%lo]:1"));
        faulty.heal().fail(Syscall.IOCTL, Errno.EINTR, 0, 2);
        assertEquals(OK, endpoint.parse(faulty, "[fe80::1%lo]:1"));
        assertEquals(1, endpoint.scope());
        Descriptors.assertOpen(before);
    }

    @Test
    void writesWhatHasNoName() {
        Endpoint endpoint = new Endpoint();
        assertEquals("none", endpoint.toString());
        assertEquals(OK, endpoint.parse("/x"));
        assertEquals(OK, endpoint.length(2));
        assertEquals("unix:", endpoint.toString());
        assertFalse(endpoint.isUnixAbstract());
        assertEquals(OK, endpoint.length(1));
        assertEquals("none", endpoint.toString());
    }

    @Test
    void tellsARelativePathFromAnAbstractName() {
        Endpoint endpoint = new Endpoint();
        assertEquals(OK, endpoint.unix("@x"));
        assertFalse(endpoint.isUnixAbstract());
        assertEquals("unix:./@x", endpoint.toString());
    }

    // Values

    @Test
    void laysOutIpv4() {
        Endpoint endpoint = new Endpoint();
        NativeBuffer memory = view(endpoint);
        assertEquals(OK, endpoint.ipv4(0x01020304, 0x0506));
        assertEquals(Endpoint.IPV4_BYTES, endpoint.length());
        assertEquals(Linux.AF_INET, memory.getShort(Endpoint.FAMILY_OFFSET));
        assertEquals(0x0506_0102_0304_0000L, memory.getLong(2, ByteOrder.BIG_ENDIAN));
        assertEquals(0, memory.getLong(8));
        assertTrue(endpoint.isIpv4());
        assertFalse(endpoint.isIpv6() || endpoint.isUnix() || endpoint.isIpv4Mapped());
        assertEquals(0x0506, endpoint.port());
        assertEquals(0x01020304, endpoint.ipv4());
        assertEquals(0, endpoint.ipHigh());
        assertEquals(0xffff_0102_0304L, endpoint.ipLow());
        assertEquals(0, endpoint.scope());
        assertEquals(OK, endpoint.ipv4(Endpoint.IPV4_LOOPBACK, 1));
        assertEquals("127.0.0.1:1", endpoint.toString());
        assertEquals(OK, endpoint.ipv4(0xfffefdfc, 0xffff));
        assertEquals(0xffff_fffe_fdfcL, endpoint.ipLow());
        assertEquals("255.254.253.252:65535", endpoint.toString());
    }

    @Test
    void laysOutIpv6() {
        Endpoint endpoint = new Endpoint();
        NativeBuffer memory = view(endpoint);
        assertEquals(OK, endpoint.ipv6(0x0102030405060708L, 0x090a0b0c0d0e0f10L, 0x1112, 7));
        assertEquals(Endpoint.IPV6_BYTES, endpoint.length());
        assertEquals(Linux.AF_INET6, memory.getShort(Endpoint.FAMILY_OFFSET));
        assertEquals(0x1112, memory.getShort(Endpoint.PORT_OFFSET, ByteOrder.BIG_ENDIAN));
        assertEquals(0, memory.getInt(4));
        for (int i = 0; i < 16; i++) {
            assertEquals(i + 1, memory.getByte(Endpoint.IPV6_ADDRESS_OFFSET + i));
        }
        assertEquals(7, memory.getInt(Endpoint.IPV6_SCOPE_OFFSET));
        assertTrue(endpoint.isIpv6());
        assertFalse(endpoint.isIpv4() || endpoint.isUnix() || endpoint.isIpv4Mapped());
        assertEquals(0x0102030405060708L, endpoint.ipHigh());
        assertEquals(0x090a0b0c0d0e0f10L, endpoint.ipLow());
        assertEquals(7, endpoint.scope());
        assertEquals(0, endpoint.ipv4());
        assertEquals(OK, endpoint.parse("[::ffff:1.2.3.4]:1"));
        assertTrue(endpoint.isIpv4Mapped());
        assertEquals(0x01020304, endpoint.ipv4());
    }

    @Test
    void laysOutUnix() {
        Endpoint endpoint = new Endpoint();
        NativeBuffer memory = view(endpoint);
        assertEquals(OK, endpoint.unix("ab"));
        assertEquals(5, endpoint.length());
        assertEquals(Linux.AF_UNIX, memory.getShort(Endpoint.FAMILY_OFFSET));
        assertEquals('a' << 16 | 'b' << 8, memory.getInt(1, ByteOrder.BIG_ENDIAN) & 0xffffff);
        assertTrue(endpoint.isUnix());
        assertFalse(endpoint.isUnixAbstract() || endpoint.isIpv4() || endpoint.isIpv6());
        assertEquals(OK, endpoint.unixAbstract("ab"));
        assertEquals(5, endpoint.length());
        assertEquals('a' << 8 | 'b', memory.getInt(1, ByteOrder.BIG_ENDIAN) & 0xffffff);
        assertTrue(endpoint.isUnix() && endpoint.isUnixAbstract());
        assertEquals(NOT_SUPPORTED, endpoint.port());
        assertEquals(NOT_SUPPORTED, endpoint.port(1));
        assertEquals(0, endpoint.ipv4() | endpoint.ipHigh() | endpoint.ipLow() | endpoint.scope());
        assertEquals(BAD_ADDRESS, endpoint.unix(""));
    }

    @Test
    void refusesPortsAndLengthsThatCannotBe() {
        Endpoint endpoint = new Endpoint();
        assertEquals(NOT_SUPPORTED, endpoint.port(80));
        assertEquals(BAD_ARGUMENT, endpoint.ipv4(0, -1));
        assertEquals(BAD_ARGUMENT, endpoint.ipv6(0, 0, 65_536, 0));
        assertEquals(0, endpoint.length());
        assertEquals(OK, endpoint.ipv4(1, 1));
        assertEquals(BAD_ARGUMENT, endpoint.port(65_536));
        assertEquals(OK, endpoint.port(65_535));
        assertEquals(65_535, endpoint.port());
        assertEquals(BAD_ARGUMENT, endpoint.length(-1));
        assertEquals(BAD_ARGUMENT, endpoint.length(129));
        assertEquals(OK, endpoint.length(128));
        assertEquals(128, endpoint.capacity());
    }

    @Test
    void comparesByContent() {
        Endpoint a = new Endpoint();
        Endpoint b = new Endpoint();
        assertEquals(a, b);
        assertNotEquals(a, (Object) "none");
        String[] distinct = {
            "1.2.3.4:5", "1.2.3.4:6", "1.2.3.5:5", "[::ffff:1.2.3.4]:5", "[::1]:5", "[::1%1]:5",
            "[1::]:5", "/a", "/ab", "unix:a", "@a", "@ab", "@a\u0000", "@",
        };
        for (int i = 0; i < distinct.length; i++) {
            assertEquals(OK, a.parse(distinct[i]));
            for (int j = 0; j < distinct.length; j++) {
                assertEquals(OK, b.parse(distinct[j]));
                assertEquals(i == j, a.equals(b), distinct[i] + " " + distinct[j]);
            }
        }
    }

    @Test
    void ignoresWhatIsNotTheAddress() {
        Endpoint a = new Endpoint();
        Endpoint b = new Endpoint();
        assertEquals(OK, a.ipv4(1, 2));
        assertEquals(OK, b.ipv4(1, 2));
        view(b).putLong(8, -1);
        assertSame(a, b);
        assertEquals(OK, a.ipv6(1, 2, 3, 4));
        assertEquals(OK, b.ipv6(1, 2, 3, 4));
        view(b).putInt(4, -1);
        assertSame(a, b);
        assertEquals(OK, a.unix("abc"));
        assertEquals(OK, b.unix("abc"));
        view(b).putInt(6, 0x01010100);
        assertEquals(OK, b.length(110));
        assertSame(a, b);
        assertEquals(OK, b.length(5));
        assertSame(a, b);
    }

    private static void assertSame(Endpoint a, Endpoint b) {
        assertEquals(a, b);
        assertEquals(a.hashCode(), b.hashCode());
        assertEquals(a.toString(), b.toString());
    }

    @Test
    void copies() {
        Endpoint from = new Endpoint();
        Endpoint to = new Endpoint();
        for (String text : new String[] {"1.2.3.4:5", "[1::2%3]:4", "unix:/a/b", "unix:@a"}) {
            assertEquals(OK, from.parse(text));
            assertEquals(OK, to.copyFrom(from));
            assertEquals(from.length(), to.length());
            assertSame(from, to);
        }
        assertEquals(OK, to.copyFrom(to));
        assertSame(from, to);
    }

    // The caller's memory

    @Test
    void wraps() {
        NativeBuffer memory = guarded(64);
        Endpoint endpoint = new Endpoint();
        assertEquals(OK, endpoint.wrap(memory, 16, 28));
        assertEquals(28, endpoint.capacity());
        assertEquals(28, endpoint.length());
        assertEquals(memory.addressOffset() + 16, endpoint.address());
        assertEquals(OK, endpoint.parse("[1::2%3]:4"));
        assertEquals(3, memory.getInt(16 + Endpoint.IPV6_SCOPE_OFFSET));
        Endpoint reader = new Endpoint();
        assertEquals(OK, reader.wrap(memory, 16, 28));
        assertSame(endpoint, reader);
        assertGuards(memory, 16, 28);
    }

    @Test
    void refusesToWriteWhereThereIsNoRoom() {
        NativeBuffer memory = guarded(64);
        Endpoint endpoint = new Endpoint();
        assertEquals(OK, endpoint.wrap(memory, 16, 15));
        assertEquals(NAME_TOO_LONG, endpoint.parse("1.2.3.4:5"));
        assertEquals(NAME_TOO_LONG, endpoint.ipv6(1, 2, 3, 4));
        assertEquals(NAME_TOO_LONG, endpoint.unix("/thirteen-byt"));
        assertEquals(NAME_TOO_LONG, endpoint.unixAbstract("/thirteen-byt"));
        Endpoint other = new Endpoint();
        assertEquals(OK, other.ipv4(1, 2));
        assertEquals(NAME_TOO_LONG, endpoint.copyFrom(other));
        assertGuards(memory, 0, 0);
        assertEquals(OK, endpoint.unix("/twelve-bytes".substring(1)));
        assertGuards(memory, 16, 15);
    }

    @Test
    void refusesTheHeapAndWhatIsTooLong() {
        Endpoint endpoint = new Endpoint();
        assertEquals(OK, endpoint.ipv4(1, 2));
        assertEquals(HEAP_BUFFER, endpoint.wrap(HeapBuffer.of(128), 0, 128));
        assertEquals(BAD_ARGUMENT, endpoint.wrap(NativeBuffer.allocate(256), 0, 129));
        assertThrows(IndexOutOfBoundsException.class,
                () -> endpoint.wrap(NativeBuffer.allocate(64), 0, 65));
        assertEquals("0.0.0.1:2", endpoint.toString());
    }

    @Test
    void believesNoLengthBeyondTheCapacity() {
        Endpoint endpoint = new Endpoint();
        NativeBuffer word = new NativeBuffer();
        word.wrap(endpoint.lengthAddress(), 4);
        assertEquals(endpoint.address() + Endpoint.LENGTH_OFFSET, endpoint.lengthAddress());
        assertEquals(OK, endpoint.unix("/x"));
        word.putInt(0, Integer.MAX_VALUE);
        assertEquals(128, endpoint.length());
        assertEquals("unix:/x", endpoint.toString());
        word.putInt(0, -1);
        assertEquals(0, endpoint.length());
        assertEquals("none", endpoint.toString());
    }

    // Properties

    @Property
    void everyIpv4ReadsBack(@ForAll int address, @ForAll @IntRange(max = 65_535) int port) {
        Endpoint endpoint = new Endpoint();
        assertEquals(OK, endpoint.ipv4(address, port));
        assertEquals(address, endpoint.ipv4());
        assertReadsBack(endpoint);
    }

    @Property
    void everyIpv6ReadsBack(
            @ForAll("halves") long high,
            @ForAll("halves") long low,
            @ForAll @IntRange(max = 65_535) int port,
            @ForAll int scope) {
        Endpoint endpoint = new Endpoint();
        assertEquals(OK, endpoint.ipv6(high, low, port, scope));
        assertEquals(java(high, low), bytesOf(endpoint));
        assertReadsBack(endpoint);
    }

    /** What the JDK reads from our text; the JDK turns mapped addresses into IPv4 addresses. */
    private static ByteBuffer bytesOf(Endpoint endpoint) {
        String text = endpoint.toString();
        String address = text.substring(1, text.indexOf(']')).replaceAll("%.*", "");
        return ByteBuffer.wrap(InetAddress.ofLiteral(address).getAddress());
    }

    private static ByteBuffer java(long high, long low) {
        boolean isMapped = high == 0 && low >>> 32 == 0xffff;
        return isMapped ? ByteBuffer.allocate(4).putInt((int) low).flip()
                : ByteBuffer.allocate(16).putLong(high).putLong(low).flip();
    }

    @Provide
    Arbitrary<Long> halves() {
        Arbitrary<Integer> groups = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just(0)),
                Tuple.of(1, Arbitraries.just(0xffff)),
                Tuple.of(2, Arbitraries.integers().between(0, 0xffff)));
        return groups.list().ofSize(4).map(list -> {
            long half = 0;
            for (int group : list) {
                half = half << 16 | group;
            }
            return half;
        });
    }

    /** Any bytes that the kernel returns as a name, UTF-8 or not. */
    @Property
    void everyNameReadsBack(@ForAll("names") byte[] name, @ForAll boolean isAbstract) {
        Endpoint endpoint = new Endpoint();
        NativeBuffer memory = view(endpoint);
        int at = Endpoint.UNIX_NAME_OFFSET + (isAbstract ? 1 : 0);
        memory.putShort(Endpoint.FAMILY_OFFSET, (short) Linux.AF_UNIX);
        for (int i = 0; i < name.length; i++) {
            memory.putByte(at + i, isAbstract || name[i] != 0 ? name[i] : (byte) 1);
        }
        if (!isAbstract) {
            memory.putByte(at, (byte) '/');
        }
        assertEquals(OK, endpoint.length(at + Math.max(name.length, 1)));
        assertReadsBack(endpoint);
    }

    @Provide
    Arbitrary<byte[]> names() {
        Arbitrary<Byte> any = Arbitraries.bytes();
        Arbitrary<Byte> tricky = Arbitraries.of(
                (byte) 0xe0, (byte) 0xed, (byte) 0xf0, (byte) 0xf4, (byte) 0xc0, (byte) 0xc3,
                (byte) 0x80, (byte) 0x90, (byte) 0xa0, (byte) 0xbf, (byte) 'a');
        return Arbitraries.oneOf(any, tricky).array(byte[].class).ofMaxSize(107);
    }

    private static void assertReadsBack(Endpoint endpoint) {
        Endpoint again = new Endpoint();
        assertEquals(OK, again.parse(endpoint.appendTo(new StringBuilder())));
        assertSame(endpoint, again);
    }

    @Property(tries = 20_000)
    void noTextThrowsOrIsMisread(@ForAll("texts") String text) {
        Endpoint endpoint = new Endpoint();
        int rc = endpoint.parse(text);
        if (rc == OK) {
            assertReadsBack(endpoint);
        } else {
            assertTrue(isNoAddress(rc) || rc == NAME_TOO_LONG || rc == -Errno.ENODEV, text);
            assertEquals(0, endpoint.length());
        }
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> pieces = Arbitraries.of(
                "[", "]", "]:", ":", "::", ".", "%", "0", "1", "80", "255", "256", "ffff", "fe80",
                "12345", "1.2.3.4", "::ffff:1.2.3.4", "[::1]:80", "[fe80::1%", "unix:", "/", "@",
                "lo", " ", "\u0000", "\u00e9", "\u20ac", "\ud83d\ude00", "\ud800", "\udc80",
                "\udcff", "\udfff", "a".repeat(50));
        return Arbitraries.oneOf(
                pieces.list().ofMaxSize(12).map(list -> String.join("", list)),
                Arbitraries.strings().withChars("0123456789abf:.[]%").ofMaxLength(30),
                Arbitraries.strings().ofMaxLength(200));
    }

    /** For any content of the memory, bytes around it are neither written nor used. */
    @Property
    void anyBytesAreHarmless(
            @ForAll @Size(max = 128) byte[] bytes,
            @ForAll("families") int family,
            @ForAll("texts") String text) {
        NativeBuffer memory = guarded(256);
        NativeBuffer other = NativeBuffer.allocate(256);
        for (int i = 0; i < bytes.length; i++) {
            byte value = i == 0 ? (byte) family : i == 1 ? 0 : bytes[i];
            memory.putByte(64 + i, value);
            other.putByte(64 + i, value);
        }
        Endpoint endpoint = new Endpoint();
        Endpoint same = new Endpoint();
        assertEquals(OK, endpoint.wrap(memory, 64, bytes.length));
        assertEquals(OK, same.wrap(other, 64, bytes.length));
        assertSame(endpoint, same);
        assertEquals(endpoint.port(), same.port());
        endpoint.parse(text);
        endpoint.port(1);
        assertGuards(memory, 64, bytes.length);
    }

    @Provide
    Arbitrary<Integer> families() {
        return Arbitraries.of(Linux.AF_UNIX, Linux.AF_INET, Linux.AF_INET6, Linux.AF_UNSPEC, 17);
    }

    // The kernel

    @Test
    void bindsIpv4() {
        checkBind("127.0.0.1:0", Linux.AF_INET);
    }

    @Test
    void bindsIpv6() {
        int fd = posix.socket(Linux.AF_INET6, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0);
        assumeTrue(fd >= 0, "no IPv6 here");
        Endpoint loopback = new Endpoint();
        assertEquals(OK, loopback.ipv6(0, 1, 0, 0));
        int rc = posix.bind(fd, loopback.address(), loopback.length());
        posix.close(fd);
        assumeTrue(rc != -Errno.EADDRNOTAVAIL, "no ::1 here");
        checkBind("[::1]:0", Linux.AF_INET6);
    }

    /** Listens, connects and accepts, and compares the addresses of all sockets. */
    private void checkBind(String text, int family) {
        int before = Descriptors.open();
        Endpoint asked = new Endpoint();
        Endpoint bound = new Endpoint();
        Endpoint client = new Endpoint();
        Endpoint accepted = new Endpoint();
        assertEquals(OK, asked.parse(text));
        int listener = posix.socket(family, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0);
        assertEquals(0, posix.bind(listener, asked.address(), asked.length()));
        assertEquals(0, posix.listen(listener, 1));
        assertEquals(OK, bound.localOf(posix, listener));
        assertEquals(family, bound.family());
        assertTrue(bound.port() > 0);
        assertEquals(OK, asked.port(bound.port()));
        assertSame(asked, bound);
        assertEquals(asked.length(), bound.length());

        int fd = posix.socket(family, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0);
        assertEquals(0, posix.connect(fd, bound.address(), bound.length()));
        assertEquals(OK, client.localOf(posix, fd));
        assertEquals(OK, accepted.length(accepted.capacity()));
        int peer = posix.accept4(listener, accepted.address(), accepted.lengthAddress(),
                Linux.SOCK_CLOEXEC);
        assertTrue(peer >= 0);
        assertSame(client, accepted);
        assertEquals(OK, accepted.peerOf(posix, fd));
        assertSame(bound, accepted);
        posix.close(peer);
        posix.close(fd);
        posix.close(listener);
        Descriptors.assertOpen(before);
    }

    @Test
    void bindsUnixPaths(@TempDir Path directory) {
        Path path = directory.resolve("s\u00fc\u00df.sock");
        Endpoint bound = checkUnixBind(path.toString());
        assertEquals("unix:" + path, bound.toString());
        assertTrue(Files.exists(path));
        assertEquals(0, posix.unlinkat(
                Linux.AT_FDCWD, bound.address() + Endpoint.UNIX_NAME_OFFSET, 0));
        assertFalse(Files.exists(path));
    }

    @Test
    void bindsUnixAbstractNames() {
        String name = "penstock\u0000" + System.nanoTime();
        assertTrue(checkUnixBind("@" + name).isUnixAbstract());
    }

    private Endpoint checkUnixBind(String text) {
        Endpoint asked = new Endpoint();
        Endpoint bound = new Endpoint();
        assertEquals(OK, asked.parse(text));
        int fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM | Linux.SOCK_CLOEXEC, 0);
        assertEquals(OK, bound.localOf(posix, fd));
        assertEquals("unix:", bound.toString());
        assertEquals(0, posix.bind(fd, asked.address(), asked.length()));
        assertEquals(OK, bound.localOf(posix, fd));
        assertEquals(asked.length(), bound.length());
        assertSame(asked, bound);
        assertEquals(-Errno.ENOTCONN, bound.peerOf(posix, fd));
        assertEquals(0, bound.length());
        posix.close(fd);
        assertEquals(-Errno.EBADF, bound.localOf(posix, -1));
        return asked;
    }

    @Test
    void connectsToItsOwnText() {
        // A Unix socket without a name of its own gets an abstract one from the kernel.
        Endpoint nameless = new Endpoint();
        assertEquals(OK, nameless.parse("@"));
        assertEquals(OK, nameless.length(2));
        int fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM | Linux.SOCK_CLOEXEC, 0);
        assertEquals(0, posix.bind(fd, nameless.address(), nameless.length()));
        Endpoint bound = new Endpoint();
        assertEquals(OK, bound.localOf(posix, fd));
        assertTrue(bound.isUnixAbstract());
        Endpoint read = new Endpoint();
        assertEquals(OK, read.parse(bound.toString()));
        assertEquals(0, posix.connect(fd, read.address(), read.length()));
        posix.close(fd);
    }

    // Allocation

    @Test
    @Tag("allocation")
    void allocatesNothing() {
        Endpoint endpoint = new Endpoint();
        Endpoint other = new Endpoint();
        for (String text : new String[] {
            "127.0.0.1:7000", "[2001:db8::1%7]:80", "[::ffff:1.2.3.4]:80", "unix:/run/x.s\u00f6ck",
            "@name", "1.2.3.4", "[::1]", "/" + "a".repeat(200), "/\u20ac\ud83d\ude00\udcff",
        }) {
            none("parse " + text, () -> endpoint.parse(text));
            StringBuilder out = new StringBuilder(256).append('\u20ac');
            none("appendTo " + text, () -> {
                out.setLength(1);
                endpoint.appendTo(out);
            });
            none("values", () -> use(endpoint));
            none("copyFrom", () -> other.copyFrom(endpoint));
            none("equals, hashCode", () -> other.port(endpoint.equals(other)
                    ? endpoint.hashCode() & 0xff : 0));
        }
        NativeBuffer memory = NativeBuffer.allocate(128);
        none("ipv4", () -> endpoint.ipv4(1, 2));
        none("ipv6", () -> endpoint.ipv6(1, 2, 3, 4));
        none("unix", () -> endpoint.unix("/a"));
        none("unixAbstract", () -> endpoint.unixAbstract("a"));
        none("length", () -> endpoint.length(endpoint.length()));
        none("wrap", () -> endpoint.wrap(memory, 0, 128));
    }

    @Test
    @Tag("allocation")
    void allocatesNothingInTheKernelsCompany() {
        Endpoint endpoint = new Endpoint();
        int fd = posix.socket(Linux.AF_INET, Linux.SOCK_DGRAM | Linux.SOCK_CLOEXEC, 0);
        none("scope by name", () -> endpoint.parse("[fe80::1%lo]:80"));
        none("localOf", () -> endpoint.localOf(posix, fd));
        none("peerOf", () -> endpoint.peerOf(posix, fd));
        posix.close(fd);
    }

    private static void use(Endpoint endpoint) {
        long sum = endpoint.address() + endpoint.lengthAddress() + endpoint.capacity()
                + endpoint.family() + endpoint.scope() + endpoint.ipv4() + endpoint.ipHigh()
                + endpoint.ipLow() + endpoint.port();
        boolean is = endpoint.isIpv4() | endpoint.isIpv6() | endpoint.isUnix()
                | endpoint.isUnixAbstract() | endpoint.isIpv4Mapped();
        endpoint.port(is ? (int) sum & 0xffff : 1);
    }

    private static void none(String name, Runnable operation) {
        Allocation.assertNone(name, 2_000, 1_000, operation);
    }

    // Memory

    private static NativeBuffer view(Endpoint endpoint) {
        NativeBuffer memory = new NativeBuffer();
        memory.wrap(endpoint.address(), endpoint.capacity());
        return memory;
    }

    private static NativeBuffer guarded(int capacity) {
        NativeBuffer memory = NativeBuffer.allocate(capacity);
        memory.setMemory(0, capacity, GUARD);
        return memory;
    }

    private static void assertGuards(NativeBuffer memory, int offset, int length) {
        for (int i = 0; i < memory.capacity(); i++) {
            if (i < offset || i >= offset + length) {
                assertEquals(GUARD, memory.getByte(i), "at " + i);
            }
        }
    }
}
