package io.penstock.metrics.scrape;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsRegion;
import io.penstock.core.metrics.MetricsType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which region a back end exports, and how finely. Sums by name are exported always; a type's
 * handles one by one only if it is named here, for each becomes a series of its own.
 *
 * <pre>{@code
 *   MetricsSource.of(loop.region())
 *   MetricsSource.of("/dev/shm/proxy.metrics").handles("stream")
 *   MetricsSource.all(MetricsSource.of(a).named("front"), MetricsSource.of(b).named("back"))
 * }</pre>
 *
 * <p>Immutable. <b>Threading</b>: any. <b>Allocation</b>: set-up.
 */
public final class MetricsSource {
    private static final String LIVE_NAME = "region";

    private final MetricsRegion region;
    private final String file;
    private final String name; // or null
    private final Set<String> handleTypes; // null for all
    private final List<MetricsSource> parts; // of several

    private MetricsSource(MetricsRegion region, String file, String name, Set<String> handleTypes) {
        this.region = region;
        this.file = file;
        this.name = name;
        this.handleTypes = handleTypes;
        parts = List.of(this);
    }

    private MetricsSource(List<MetricsSource> parts) {
        region = null;
        file = null;
        name = null;
        handleTypes = Set.of();
        this.parts = parts;
    }

    /**
     * Several regions as one. Each has a name, by which its rows are told from the others'.
     *
     * @param sources single ones, named differently
     * @return all of them
     */
    public static MetricsSource all(MetricsSource... sources) {
        Set<String> names = new HashSet<>();
        for (MetricsSource source : sources) {
            if (source.name == null || !names.add(source.name)) {
                throw new IllegalArgumentException("not a name of its own: " + source.name);
            }
        }
        return new MetricsSource(List.of(sources));
    }

    /**
     * A region of this process, file or not; what {@link MetricsRegion#open} does comes before.
     *
     * @param region the region
     * @return the source
     */
    public static MetricsSource of(MetricsRegion region) {
        return new MetricsSource(region, null, null, Set.of());
    }

    /**
     * Another process's region, which need not be there yet, and may be made anew.
     *
     * @param file its name
     * @return the source
     */
    public static MetricsSource of(String file) {
        return new MetricsSource(null, file, null, Set.of());
    }

    /**
     * The same with a name, which every row of it has as the label {@code region}.
     *
     * @param name what to call the region
     * @return another source
     */
    public MetricsSource named(String name) {
        return single(name, handleTypes);
    }

    /**
     * The same with the live handles of some types one by one, beside their sums.
     *
     * @param types names of types, such as {@code "stream"}
     * @return another source
     */
    public MetricsSource handles(String... types) {
        return single(name, Set.of(types));
    }

    /**
     * The same with the live handles of all types one by one, beside their sums.
     *
     * @return another source
     */
    public MetricsSource allHandles() {
        return single(name, null);
    }

    private MetricsSource single(String name, Set<String> handleTypes) {
        if (parts.size() != 1 || parts.getFirst() != this) {
            throw new IllegalStateException("to be said of each source before they are one");
        }
        return new MetricsSource(region, file, name, handleTypes);
    }

    /** Its single sources. */
    List<MetricsSource> parts() {
        return parts;
    }

    /** The name of the row about the region itself. */
    String title() {
        return name != null ? name : file != null ? file : LIVE_NAME;
    }

    /** The label of its rows; null if they have none. */
    String name() {
        return name;
    }

    boolean exportsHandles(MetricsType type) {
        return handleTypes == null || handleTypes.contains(type.name());
    }

    /** Opens the region, or opens it anew if its owner made it anew: 1 if so, 0, or a code. */
    int open(MetricsReader reader) {
        boolean isOpen = reader.blocks() > 0;
        if (isOpen && reader.isRecreated()) {
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
