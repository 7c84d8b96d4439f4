package io.penstock.metrics;

import static io.penstock.core.metrics.MetricsRegion.NO_AGGREGATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.LoopMetrics;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.StreamMetrics;
import io.penstock.core.testing.Needs;
import io.penstock.metrics.scrape.MetricsSource;
import io.penstock.metrics.text.MetricsText;
import io.penstock.metrics.text.TextFormat;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a Prometheus server makes of the text, over HTTP as in life. */
class PrometheusServerTest {
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(60);

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final NativeBuffer buffer = NativeBuffer.allocate(1 << 20);
    private int port;

    @ParameterizedTest
    @EnumSource
    @Needs("prometheus")
    void itScrapesAndUnderstands(TextFormat format) throws Exception {
        MetricsRegion region = new MetricsRegion(8);
        int stream = region.claim(region.register(StreamMetrics.TYPE), "in \"1\"", NO_AGGREGATE);
        int loop = region.claim(region.register(LoopMetrics.TYPE), "main", NO_AGGREGATE);
        set(region, stream, StreamMetrics.READ_BYTES_OFFSET, 1L << 52);
        set(region, loop, LoopMetrics.WAIT_NS_OFFSET, 1_250_000_001L);
        set(region, loop, LoopMetrics.HANDLES_OFFSET, 3);
        HttpServer target = serve(region, format);
        Process server = prometheus(target.getAddress().getPort());
        try {
            assertEquals(String.valueOf(1L << 52),
                    await("penstock_stream_read_bytes_total{name=\"in \\\"1\\\"\"}"));
            assertEquals("1.250000001", await("penstock_loop_wait_seconds_total"));
            assertEquals("3", await("penstock_loop_handles{name=\"main\"}"));
            assertEquals("1", await("penstock_scrape_up"));
            set(region, stream, StreamMetrics.READ_BYTES_OFFSET, 5);
            String metadata = get("/api/v1/targets/metadata?metric=" + (format
                    == TextFormat.OPENMETRICS ? "penstock_loop_wait_seconds"
                    : "penstock_loop_wait_seconds_total"));
            assertTrue(metadata.contains("\"type\":\"counter\""), metadata);
            assertTrue(metadata.contains("\"unit\":\""
                    + (format == TextFormat.OPENMETRICS ? "seconds" : "") + "\""), metadata);
            assertEquals("1", await("up"), "every scrape was understood");
        } finally {
            server.destroyForcibly().waitFor();
            target.stop(0);
        }
    }

    private static void set(MetricsRegion region, int block, int offset, long value) {
        region.buffer().putLongOpaque(region.countersOffset(block) + offset, value);
    }

    private HttpServer serve(MetricsRegion region, TextFormat format) throws IOException {
        MetricsText text = new MetricsText(MetricsSource.of(region), format);
        HttpServer http = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/metrics", exchange -> {
            byte[] body = new byte[text.write(buffer, 0, buffer.capacity())];
            buffer.getBytes(0, body);
            exchange.getResponseHeaders().set("Content-Type", format.contentType());
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        http.start();
        return http;
    }

    private Process prometheus(int targetPort) throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = folder.resolve("prometheus.yml");
        Files.writeString(config, """
                global: {scrape_interval: 200ms, scrape_timeout: 200ms}
                scrape_configs:
                  - job_name: penstock
                    static_configs: [{targets: ['127.0.0.1:%d']}]
                """.formatted(targetPort));
        return new ProcessBuilder("prometheus", "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
    }

    private String get(String path) throws InterruptedException {
        try {
            return client.send(HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + port + path)).build(),
                    HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return "not yet: " + e;
        }
    }

    /** The value of a query that has one, once it has. */
    private String await(String query) throws Exception {
        String path = "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
        String mark = ",\"value\":[";
        String answer = "";
        for (long end = System.nanoTime() + LIMIT_NS; System.nanoTime() < end;) {
            answer = get(path);
            if (answer.contains(mark)) {
                String value = answer.substring(answer.indexOf(mark) + mark.length());
                return value.split("\"")[1];
            }
            Thread.sleep(50);
        }
        throw new AssertionError(answer + "\n" + Files.readString(folder.resolve("log")));
    }
}
