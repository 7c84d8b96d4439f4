package io.penstock.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.metrics.opentelemetry.OpenTelemetryMetrics;
import io.penstock.metrics.scrape.MetricsSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a collector gets from an SDK that exports on its own, by OTLP over HTTP. */
class OtlpExporterTest {
    private final LinkedBlockingQueue<byte[]> requests = new LinkedBlockingQueue<>();

    @Test
    void aCollectorGetsNamesUnitsAndValues() throws Exception {
        MetricsRegion region = new MetricsRegion(8);
        int stream = region.claim(region.register(StreamMetrics.TYPE), "in", NO_AGGREGATE);
        int loop = region.claim(region.register(LoopMetrics.TYPE), "main", NO_AGGREGATE);
        region.buffer().putLong(region.countersOffset(stream), (1L << 60) + 1);
        region.buffer().putLong(
                region.countersOffset(loop) + LoopMetrics.WAIT_NS_OFFSET, 2_500_000_000L);
        region.buffer().putLong(region.countersOffset(loop) + LoopMetrics.HANDLES_OFFSET, 3);
        HttpServer collector = collector();
        String url = "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/metrics";
        SdkMeterProvider provider = SdkMeterProvider.builder().registerMetricReader(
                PeriodicMetricReader.builder(
                        OtlpHttpMetricExporter.builder().setEndpoint(url).build())
                        .setInterval(Duration.ofMillis(100)).build()).build();
        OpenTelemetryMetrics metrics = new OpenTelemetryMetrics(
                MetricsSource.of(region), provider.get("penstock"));
        try {
            byte[] request = requests.poll(30, TimeUnit.SECONDS);
            assertTrue(request != null, "nothing came");
            List<String> metricsOf = describe(request);
            // 7: a sum; 5: a gauge. Whole numbers stay whole, also those no double holds.
            assertTrue(metricsOf.contains("penstock.stream.read By 7 {penstock.name=in} "
                    + ((1L << 60) + 1)), metricsOf.toString());
            assertTrue(metricsOf.contains("penstock.loop.wait s 7 {penstock.name=main} 2.5"),
                    metricsOf.toString());
            assertTrue(metricsOf.contains("penstock.loop.handles {handle} 7"
                    + " {penstock.name=main} 3"), metricsOf.toString());
            assertTrue(metricsOf.contains("penstock.stream.queued_max By 5"
                    + " {penstock.name=in} 0"), metricsOf.toString());
        } finally {
            metrics.close();
            provider.close();
            collector.stop(0);
        }
    }

    private HttpServer collector() throws Exception {
        HttpServer http = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/v1/metrics", exchange -> {
            byte[] request = exchange.getRequestBody().readAllBytes();
            assertEquals("application/x-protobuf",
                    exchange.getRequestHeaders().getFirst("Content-Type"));
            exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
            requests.add(request);
        });
        http.start();
        return http;
    }

    /** A line for each point: name, unit, kind, attributes, value; by the fields' numbers. */
    private static List<String> describe(byte[] request) {
        List<String> lines = new ArrayList<>();
        for (byte[] metric : at(request, 1, 2, 2)) {
            for (int kind : new int[] {5, 7}) {
                for (byte[] point : at(metric, kind, 1)) {
                    StringBuilder attributes = new StringBuilder();
                    for (byte[] attribute : at(point, 7)) {
                        attributes.append(text(attribute, 1)).append('=')
                                .append(text(at(attribute, 2).getFirst(), 1));
                    }
                    lines.add(text(metric, 1) + " " + text(metric, 3) + " " + kind + " {"
                            + attributes + "} " + value(point));
                }
            }
        }
        return lines;
    }

    private static String value(byte[] point) {
        for (byte[] whole : at(point, 6)) {
            return String.valueOf(number(whole).getLong());
        }
        return String.valueOf(number(at(point, 4).getFirst()).getDouble());
    }

    private static ByteBuffer number(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String text(byte[] message, int field) {
        return new String(at(message, field).getFirst(), StandardCharsets.UTF_8);
    }

    /** The fields of a protobuf message that a path leads to. */
    private static List<byte[]> at(byte[] message, int... path) {
        List<byte[]> found = List.of(message);
        for (int field : path) {
            List<byte[]> next = new ArrayList<>();
            found.forEach(outer -> next.addAll(fields(outer, field)));
            found = next;
        }
        return found;
    }

    private static List<byte[]> fields(byte[] message, int wanted) {
        List<byte[]> found = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(message);
        while (in.hasRemaining()) {
            long key = varint(in);
            byte[] value = switch ((int) key & 7) {
                case 0 -> {
                    varint(in);
                    yield new byte[0];
                }
                case 1 -> new byte[Long.BYTES];
                case 2 -> new byte[(int) varint(in)];
                default -> new byte[Integer.BYTES];
            };
            in.get(value);
            if (key >>> 3 == wanted) {
                found.add(value);
            }
        }
        return found;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0;; shift += 7) {
            byte b = in.get();
            value |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }
}
