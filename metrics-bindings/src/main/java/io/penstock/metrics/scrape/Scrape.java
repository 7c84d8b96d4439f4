package io.penstock.metrics.scrape;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsType;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a region whenever it is asked to, and keeps what it read as {@link Table}s: for each type
 * the sum of all handles of a name, closed ones among them; for the types that the source says, the
 * live handles one by one.
 *
 * <p>A sum's counters never fall. What closed stays in its aggregate; what an aggregate, or a block
 * without one, held when it was last met stays in the sum after the block is claimed again. Only a
 * region that its owner made anew begins anew, as after the restart of any process. A name is a
 * block's label; beyond {@value #MAX_NAMES} of a type the rest are one, {@value #OTHERS}.
 *
 * <p>The first table is the scrape's own, {@link ScrapeMetrics}.
 *
 * <p><b>Threading</b>: one thread at a time. <b>Allocation</b>: for what is new since the last
 * time; none if nothing is. The owner of the region never notices.
 */
public final class Scrape implements AutoCloseable {
    /** How many names of a type have a row of their own. */
    public static final int MAX_NAMES = 1000;
    /** The row of those that have none. */
    public static final String OTHERS = "(others)";

    private final MetricsSource source;
    private final ScrapeListener listener;
    private final Names names = new Names();
    private final List<Table> tables = new ArrayList<>();
    private final List<Exported> known = new ArrayList<>();
    private final List<RegionScrape> regions = new ArrayList<>();
    private long takenNs;
    private boolean isTaken;
    private boolean isTaking;
    private boolean isClosed;
    private int announcedTables;

    /**
     * Makes a scrape that nobody listens to.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param source which region
     */
    public Scrape(MetricsSource source) {
        this(source, new ScrapeListener() { });
    }

    /**
     * Makes a scrape.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param source which region
     * @param listener is told of what appears and vanishes, from the first {@link #take} on
     */
    public Scrape(MetricsSource source, ScrapeListener listener) {
        this.source = source;
        this.listener = listener;
        Table own = table(ScrapeMetrics.TYPE, false);
        for (MetricsSource part : source.parts()) {
            regions.add(new RegionScrape(this, part, own));
        }
    }

    /**
     * Reads the region, and opens it first if it is not open, or was made anew; of several, all.
     *
     * <p><b>Returns</b>: how many blocks are live; a code of {@link MetricsReader#open} or {@link
     * MetricsReader#walk}, and then every row of that region stays as it was but the scrape's own;
     * {@link ReturnCode#CLOSED}.
     *
     * @return the count, or a code
     */
    public int take() {
        if (isClosed || isTaking) { // a listener that reads what it has just registered
            return isClosed ? ReturnCode.CLOSED : ReturnCode.OK;
        }
        isTaking = true;
        try {
            int live = 0;
            for (int i = 0; i < regions.size(); i++) {
                int result = regions.get(i).take();
                live = live < 0 || result < 0 ? Math.min(live, result) : live + result;
            }
            takenNs = System.nanoTime();
            isTaken = true;
            announce();
            return live;
        } finally {
            isTaking = false;
        }
    }

    /**
     * Reads the region unless it was read just now, for back ends that are asked for single values.
     *
     * <p><b>Returns</b>: as {@link #take}; 0 if it was read just now.
     *
     * @param ageNs how old what is known may be
     * @return the count, 0, or a code
     */
    public int takeIfOlder(long ageNs) {
        return isTaken && System.nanoTime() - takenNs < ageNs ? ReturnCode.OK : take();
    }

    /**
     * How many tables there are.
     *
     * @return the count, which grows as types are met
     */
    public int tables() {
        return tables.size();
    }

    /**
     * A table.
     *
     * @param index from 0, in the order in which they were met
     * @return the table
     */
    public Table table(int index) {
        return tables.get(index);
    }

    /**
     * The metrics of a type's sums, by its table alone, as a scrape that meets no other names them.
     *
     * <p><b>Allocation</b>: the list.
     *
     * @param type the type
     * @return one for each field
     */
    public static List<Metric> metrics(MetricsType type) {
        return new Names().of(type, false);
    }

    /**
     * The reader, for what concerns the region as a whole: its owner, its size.
     *
     * @return of the first region; not to be moved or closed
     */
    public MetricsReader reader() {
        return regions.getFirst().reader();
    }

    /** Lets go of the region, for good; every row vanishes. */
    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            regions.forEach(RegionScrape::close);
            tables.getFirst().list().forEach(this::vanish);
            tables.getFirst().list().clear();
        }
    }

    List<Exported> known() {
        return known;
    }

    void vanish(Row row) {
        if (row.isAnnounced) {
            listener.onVanish(row);
        }
    }

    /** The same type of another region, or of one that was made anew, has the same tables. */
    Exported exported(MetricsType type) {
        for (Exported exported : known) {
            if (exported.type.equals(type)) {
                return exported;
            }
        }
        Exported exported = new Exported(type, table(type, false), table(type, true));
        known.add(exported);
        return exported;
    }

    private Table table(MetricsType type, boolean isOfHandles) {
        Table table = new Table(type, names.of(type, isOfHandles), isOfHandles);
        if (!isOfHandles || source.parts().stream().anyMatch(part -> part.exportsHandles(type))) {
            tables.add(table);
        }
        return table;
    }

    private void announce() {
        while (announcedTables < tables.size()) {
            listener.onTable(tables.get(announcedTables++));
        }
        for (int i = 0; i < tables.size(); i++) {
            Table table = tables.get(i);
            for (int j = 0; j < table.rows(); j++) {
                Row row = table.row(j);
                if (!row.isAnnounced) {
                    row.isAnnounced = true;
                    listener.onAppear(row);
                }
            }
        }
    }
}
