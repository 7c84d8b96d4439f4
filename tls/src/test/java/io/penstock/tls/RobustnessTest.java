package io.penstock.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.net.Stream;
import io.penstock.tls.openssl.Live;
import java.util.Random;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole exchanges (a handshake, data both ways, an end both ways) whose bytes are split, altered,
 * cut off or made up on their way.
 */
class RobustnessTest extends TlsFixture {
    private static final int REQUEST_BYTES = 700;
    private static final int RESPONSE_BYTES = 1_500;
    private static final int MOST_ROUNDS = 2_000;

    private final NativeBuffer pattern = bytes;
    private TlsContext server;
    private TlsContext client;
    private final NativeBuffer one = NativeBuffer.allocate(1 << 16);

    @BeforeEach
    void open() {
        SelfSigned identity = new SelfSigned();
        assertEquals(0, identity.generate());
        TlsConfig[] configs = {
            new TlsConfig().privateChannel(identity), new TlsConfig().privateChannel(identity),
        };
        for (TlsConfig config : configs) {
            config.protocols(protocol(), protocol());
        }
        server = server(configs[0]);
        client = client(configs[1]);
    }

    int protocol() {
        return TlsConfig.TLS_1_3;
    }

    /** What happens to the bytes of one direction. */
    private interface Mischief {
        /**
         * Brings some of what was sent from {@code position} on.
         *
         * @return how much of it was brought, or made away with; -1 to end the direction
         */
        int pass(Wire to, DirectBuffer sent, int position, int length);
    }

    private static final Mischief NONE = (to, sent, position, length) -> {
        to.bring(sent, position, length);
        return length;
    };

    /** One exchange, from its beginning to its ends. */
    private final class Exchange {
        final Asks asks = new Asks();
        final Answers answers = new Answers();
        final TlsStream near = new TlsStream(client, asks);
        final TlsStream far = new TlsStream(server, answers);
        final Wire nearWire = new Wire(loop, near.transport());
        final Wire farWire = new Wire(loop, far.transport());
        int up;
        int down;
        boolean isUpCut;
        boolean isDownCut;

        void run(Mischief upwards, Mischief downwards) {
            assertEquals(0, nearWire.begin());
            assertEquals(0, farWire.begin());
            assertEquals(0, near.open(nearWire));
            assertEquals(0, far.open(farWire));
            near.transport().onOpen(nearWire);
            far.transport().onOpen(farWire);
            int rounds = 0;
            while (asks.count("close") + answers.count("close") < 2 && rounds++ < MOST_ROUNDS) {
                turns(1);
                int before = up + down + (isUpCut ? 1 : 0) + (isDownCut ? 1 : 0);
                up += pass(upwards, nearWire, farWire, up, true);
                down += pass(downwards, farWire, nearWire, down, false);
                end(nearWire, farWire, up);
                end(farWire, nearWire, down);
                if (before == up + down + (isUpCut ? 1 : 0) + (isDownCut ? 1 : 0)
                        && rounds > 20) {
                    break; // nothing moves any more
                }
            }
            near.close();
            far.close();
            nearWire.close();
            farWire.close();
            turns(3);
            assertEquals(1, asks.count("close"));
            assertEquals(1, answers.count("close"));
        }

        private int pass(Mischief mischief, Wire from, Wire to, int position, boolean isUp) {
            boolean isCut = isUp ? isUpCut : isDownCut;
            int length = from.sentBytes - position;
            if (length == 0 || isCut || !to.isOpen() || !to.isReading()) {
                return 0;
            }
            int n = mischief.pass(to, from.sent, position, length);
            if (n < 0) {
                isUpCut |= isUp;
                isDownCut |= !isUp;
                to.bringEnd();
                return 0;
            }
            return n;
        }

        private void end(Wire from, Wire to, int position) {
            if ((from.isShutdown || !from.isOpen()) && position == from.sentBytes && to.isOpen()
                    && !to.isEnded() && to.isReading()) {
                to.bringEnd();
            }
        }

        /** Whatever came is what was sent. */
        void assertNothingFalse() {
            assertTrue(answers.bytes <= REQUEST_BYTES && asks.bytes <= RESPONSE_BYTES);
            assertTrue(asks.isRight && answers.isRight, "altered");
            assertTrue(asks.result <= 0 && answers.result <= 0);
        }

        void assertWhole() {
            assertNothingFalse();
            assertEquals(REQUEST_BYTES, answers.bytes);
            assertEquals(RESPONSE_BYTES, asks.bytes);
            assertEquals(0, asks.result, () -> near.outcome().failureText());
            assertEquals(0, answers.result, () -> far.outcome().failureText());
        }
    }

    /** Compares what comes with the pattern. */
    private class Checks extends Recorder {
        boolean isRight = true;

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            for (int i = 0; i < length; i++) {
                isRight &= buffer.getByte(offset + i) == pattern.getByte((int) bytes + i);
            }
            super.onData(stream, buffer, offset, length);
        }
    }

    private final class Asks extends Checks {
        @Override
        public void onOpen(Stream stream) {
            super.onOpen(stream);
            stream.write(pattern, 0, REQUEST_BYTES);
        }

        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            super.onData(stream, buffer, offset, length);
            if (bytes == RESPONSE_BYTES) {
                stream.shutdown();
            }
        }

        @Override
        public void onEnd(Stream stream) {
            super.onEnd(stream);
            stream.close();
        }
    }

    private final class Answers extends Checks {
        @Override
        public void onData(Stream stream, DirectBuffer buffer, int offset, int length) {
            super.onData(stream, buffer, offset, length);
            if (bytes == REQUEST_BYTES) {
                stream.write(pattern, 0, RESPONSE_BYTES);
            }
        }

        @Override
        public void onEnd(Stream stream) {
            super.onEnd(stream);
            stream.shutdown();
            stream.close();
        }
    }

    private int[] lengths() {
        Exchange exchange = new Exchange();
        exchange.run(NONE, NONE);
        exchange.assertWhole();
        return new int[] {exchange.up, exchange.down};
    }

    /** Brings no more than up to a place at once. */
    private static Mischief splitAt(int place) {
        return (to, sent, position, length) -> {
            int n = position < place ? Math.min(length, place - position) : length;
            to.bring(sent, position, n);
            return n;
        };
    }

    @Test
    void splitAnywhereItIsTheSame() {
        int[] lengths = lengths();
        for (int i = 1; i < Math.max(lengths[0], lengths[1]); i++) {
            Exchange exchange = new Exchange();
            exchange.run(splitAt(i), splitAt(i));
            exchange.assertWhole();
        }
    }

    @Test
    void byteByByteToo() {
        Mischief single = (to, sent, position, length) -> {
            int n = 0;
            while (n < length && to.isOpen() && to.isReading()) {
                to.bring(sent, position + n, 1);
                n++;
            }
            return n;
        };
        Exchange exchange = new Exchange();
        exchange.run(single, single);
        exchange.assertWhole();
    }

    private Mischief flipAt(int place, int bit) {
        return (to, sent, position, length) -> {
            one.putBytes(0, sent, position, length);
            if (place >= position && place < position + length) {
                int at = place - position;
                one.putByte(at, (byte) (one.getByte(at) ^ 1 << bit));
            }
            to.bring(one, 0, length);
            return length;
        };
    }

    @Test
    void aFlippedBitIsACodeOrNothing() {
        int[] lengths = lengths();
        Random random = new Random(3);
        int failures = 0;
        for (int i = 0; i < lengths[0] + lengths[1]; i++) {
            boolean isUp = i < lengths[0];
            Mischief flip = flipAt(isUp ? i : i - lengths[0], random.nextInt(8));
            Exchange exchange = new Exchange();
            exchange.run(isUp ? flip : NONE, isUp ? NONE : flip);
            exchange.assertNothingFalse();
            failures += exchange.asks.result < 0 || exchange.answers.result < 0 ? 1 : 0;
        }
        assertTrue(failures > (lengths[0] + lengths[1]) * 8 / 10, failures + " were noticed");
    }

    private static Mischief cutAt(int place) {
        return (to, sent, position, length) -> {
            int n = Math.min(length, place - position);
            if (n == 0) {
                return -1;
            }
            to.bring(sent, position, n);
            return n;
        };
    }

    @Test
    void cutOffAnywhereItIsACode() {
        int[] lengths = lengths();
        for (int i = 0; i < lengths[0] + lengths[1]; i++) {
            boolean isUp = i < lengths[0];
            Mischief cut = cutAt(isUp ? i : i - lengths[0]);
            Exchange exchange = new Exchange();
            exchange.run(isUp ? cut : NONE, isUp ? NONE : cut);
            exchange.assertNothingFalse();
            if (!exchange.isUpCut && !exchange.isDownCut) {
                continue; // signatures vary by a byte or two in length: this one was shorter
            }
            int victim = isUp ? exchange.answers.result : exchange.asks.result;
            assertTrue(victim == ReturnCode.TLS_HANDSHAKE_CUT || victim == ReturnCode.TLS_TRUNCATED,
                    () -> ReturnCode.describe(victim));
        }
        assertTrue(server.counter(TlsMetrics.TRUNCATED_OFFSET) > 100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001\u0000\u0004abcd",
        "SSH-2.0-OpenSSH_9.2\r\n", "\u0015\u0003\u0001\u0000\u0002\u0002\u0028",
        "\u0017\u0003\u0003\u0000\u0001x"})
    void garbageInPlaceOfAHello(String garbage) {
        for (int i = 0; i < 2; i++) {
            boolean isServer = i == 0;
            Recorder recorder = new Recorder();
            TlsStream stream = new TlsStream(isServer ? server : client, recorder);
            Wire wire = new Wire(loop, stream.transport());
            assertEquals(0, wire.begin());
            assertEquals(0, stream.open(wire));
            stream.transport().onOpen(wire);
            turns(1);
            for (int c = 0; c < garbage.length(); c++) {
                one.putByte(c, (byte) garbage.charAt(c));
            }
            wire.bring(one, 0, garbage.length());
            wire.bring(one, 0, garbage.length());
            turns(2);
            assertEquals(1, recorder.count("close"));
            assertTrue(recorder.result <= ReturnCode.TLS_NOT_TLS,
                    () -> ReturnCode.describe(recorder.result));
        }
    }

    @Test
    void randomBytesNeverDoHarm() {
        Random random = new Random(11);
        for (int i = 0; i < 3_000; i++) {
            Recorder recorder = new Recorder();
            TlsStream stream = new TlsStream(i % 2 == 0 ? server : client, recorder);
            Wire wire = new Wire(loop, stream.transport());
            assertEquals(0, wire.begin());
            assertEquals(0, stream.open(wire));
            stream.transport().onOpen(wire);
            turns(1);
            for (int piece = 0; piece < 4 && wire.isOpen(); piece++) {
                int length = 1 + random.nextInt(600);
                for (int b = 0; b < length; b++) {
                    one.putByte(b, (byte) random.nextInt());
                }
                if (random.nextInt(3) > 0) { // looks like a record
                    one.putByte(0, (byte) (20 + random.nextInt(5)));
                    one.putByte(1, (byte) 3);
                    one.putByte(2, (byte) random.nextInt(5));
                    one.putByte(3, (byte) random.nextInt(2));
                }
                wire.bring(one, 0, length);
            }
            stream.close();
            wire.close();
            turns(2);
            assertEquals(1, recorder.count("close"));
        }
    }

    @Test
    void aRecordThatIsTooLong() {
        Exchange exchange = new Exchange();
        exchange.run((to, sent, position, length) -> {
            one.setMemory(0, 20_000, (byte) 7);
            one.putByte(0, (byte) 23);
            one.putByte(1, (byte) 3);
            one.putByte(2, (byte) 3);
            one.putShort(3, (short) 18_500, java.nio.ByteOrder.BIG_ENDIAN);
            if (exchange.answers.count("open") == 0) {
                to.bring(sent, position, length);
                return length;
            }
            to.bring(one, 0, 20_000);
            return length;
        }, NONE);
        assertCode(ReturnCode.TLS_RECORD_TOO_LONG, exchange.answers.result);
        assertEquals(22, exchange.far.outcome().alertSent(), "record_overflow");
    }

    @Test
    void aRecordOfAnother() {
        Exchange exchange = new Exchange();
        exchange.run((to, sent, position, length) -> {
            if (exchange.answers.count("data") == 0) {
                to.bring(sent, position, length);
                return length;
            }
            to.bring(sent, position - 30, 30);
            return length;
        }, NONE);
        assertTrue(exchange.answers.result <= ReturnCode.TLS_NOT_TLS);
        exchange.assertNothingFalse();
    }

    @Test
    void thousandsOfExchangesLeaveNothing() {
        long live = Live.count();
        for (int i = 0; i < 1_000; i++) {
            Exchange exchange = new Exchange();
            if (i % 3 == 0) {
                exchange.run(flipAt(i, i % 8), NONE);
            } else {
                exchange.run(NONE, i % 3 == 1 ? NONE : cutAt(i));
            }
        }
        assertEquals(live, Live.count());
    }
}
