package io.penstock.metrics.scrape;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import java.util.Set;

/**
 * Which region a back end exports, and how finely. Sums by name are exported always; a type's
 * handles one by one only if it is named here, for each becomes a series of its own.
 *
 * <pre>{@code
 *   MetricsSource.of(loop.region())
 *   MetricsSource.of("/dev/shm/proxy.metrics").handles("stream")
 * }</pre>
 *
 * <p>Immutable. <b>Threading</b>: any. <b>Allocation</b>: set-up.
 */
public final class MetricsSource {
    private static final String LIVE_NAME = "region";

    private final MetricsRegion region;
    private final String file;
    private final Set<String> handleTypes; // null for all

    private MetricsSource(MetricsRegion region, String file, Set<String> handleTypes) {
        this.region = region;
        this.file = file;
        this.handleTypes = handleTypes;
    }

    /**
     * A region of this process, file or not; what {@link MetricsRegion#open} does comes before.
     *
     * @param region the region
     * @return the source
     */
    public static MetricsSource of(MetricsRegion region) {
        return new MetricsSource(region, null, Set.of());
    }

    /**
     * Another process's region, which need not be there yet, and may be made anew.
     *
     * @param file its name
     * @return the source
     */
    public static MetricsSource of(String file) {
        return new MetricsSource(null, file, Set.of());
    }

    /**
     * The same with the live handles of some types one by one, beside their sums.
     *
     * @param types names of types, such as {@code "stream"}
     * @return another source
     */
    public MetricsSource handles(String... types) {
        return new MetricsSource(region, file, Set.of(types));
    }

    /**
     * The same with the live handles of all types one by one, beside their sums.
     *
     * @return another source
     */
    public MetricsSource allHandles() {
        return new MetricsSource(region, file, null);
    }

    /**
     * What the source is called in the exporter's own metrics.
     *
     * @return the file's name, or {@code "region"}
     */
    public String name() {
        return file == null ? LIVE_NAME : file;
    }

    boolean exportsHandles(MetricsType type) {
        return handleTypes == null || handleTypes.contains(type.name());
    }

    /** Opens the region, or opens it anew if its owner made it anew: 1 if so, 0, or a code. */
    int open(MetricsReader reader) {
        boolean isOpen = reader.blocks() > 0;
        if (isOpen && reader.recreated() == 1) {
            reader.close();
            isOpen = false;
        }
        if (isOpen) {
            return ReturnCode.OK;
        }
        int result = file == null ? reader.wrap(region.buffer()) : reader.open(file);
        return result < 0 ? result : 1;
    }
}
