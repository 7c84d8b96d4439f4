package io.penstock.metrics.scrape;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.BlockVisitor;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsType;
import java.util.ArrayList;
import java.util.Arrays;
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
    private final MetricsReader reader = new MetricsReader();
    private final Visitor visitor = new Visitor();
    private final Names names = new Names();
    private final List<Table> tables = new ArrayList<>();
    private final List<Exported> known = new ArrayList<>();
    private final StringBuilder label = new StringBuilder();
    private final Row own;
    private Exported[] types = {}; // by the region's type id
    private Cell[] cells = {}; // by block
    private Cell[] met = {};
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
        own = new Row(table(ScrapeMetrics.TYPE, false), source.name(), -1, 0);
        own.table().list().add(own);
    }

    /**
     * Reads the region, and opens it first if it is not open, or was made anew.
     *
     * <p><b>Returns</b>: how many blocks are live; a code of {@link MetricsReader#open} or {@link
     * MetricsReader#walk}, and then every row stays as it was but the scrape's own; {@link
     * ReturnCode#CLOSED}.
     *
     * @return the count, or a code
     */
    public int take() {
        if (isClosed || isTaking) { // a listener that reads what it has just registered
            return isClosed ? ReturnCode.CLOSED : ReturnCode.OK;
        }
        isTaking = true;
        try {
            long began = System.nanoTime();
            int result = read();
            takenNs = System.nanoTime();
            isTaken = true;
            note(result, takenNs - began);
            announce();
            return result;
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
     * @return not to be moved or closed
     */
    public MetricsReader reader() {
        return reader;
    }

    /** Lets go of the region, for good; every row vanishes. */
    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            reader.close();
            begin();
            vanish(own.table());
        }
    }

    /** What a type is exported as. */
    static final class Exported {
        final MetricsType type;
        final Table sums;
        final Table handles; // null if they are not
        final List<long[]> kept = new ArrayList<>(); // of each row of sums: what is gone by now
        boolean hasVanished; // a row of handles

        Exported(MetricsType type, Table sums, Table handles) {
            this.type = type;
            this.sums = sums;
            this.handles = handles;
        }

        void add(long[] values, long[] totals, boolean withGauges) {
            for (int i = 0; i < values.length; i++) {
                switch (type.kind(i)) {
                    case COUNTER -> totals[i] += values[i];
                    case MAXIMUM -> totals[i] = Math.max(totals[i], values[i]);
                    case GAUGE -> totals[i] += withGauges ? values[i] : 0;
                }
            }
        }
    }

    private int read() {
        int result = source.open(reader);
        if (result == 1) {
            begin();
        }
        if (result >= 0) {
            result = reader.walk(visitor);
            if (result >= 0) {
                commit();
            } else if (result != ReturnCode.BLOCK_CHANGED) {
                reader.close(); // another may have its name by the next time
            }
        }
        return result;
    }

    /** A region that was not read before. */
    private void begin() {
        for (Exported exported : known) {
            vanish(exported.sums);
            exported.kept.clear();
            if (exported.handles != null) {
                vanish(exported.handles);
            }
        }
        types = new Exported[0];
        cells = new Cell[reader.blocks()];
        met = new Cell[reader.blocks()];
    }

    private void vanish(Table table) {
        table.list().forEach(this::vanish);
        table.list().clear();
    }

    private void vanish(Row row) {
        if (row.isAnnounced) {
            listener.onVanish(row);
        }
    }

    private final class Visitor implements BlockVisitor {
        @Override
        public void onBegin() {
            Arrays.fill(met, null);
        }

        @Override
        public void onBlock(MetricsReader reader, int state) {
            int block = reader.block();
            int aggregate = reader.aggregate();
            Exported exported = exported(reader.typeId());
            boolean isMember = aggregate >= 0 && aggregate != block;
            boolean isShown = state == MetricsReader.LIVE && exported.handles != null
                    && aggregate != block;
            if (isMember) {
                Cell base = met[aggregate];
                // It may belong to an aggregate that this pass came too early for: the next has it.
                if (base == null || base.state != MetricsReader.LIVE || base.exported != exported) {
                    return;
                }
                base.add(reader, state == MetricsReader.LIVE);
            }
            if (!isMember || isShown) {
                Cell cell = cell(exported, isMember, isShown);
                cell.begin(reader, state);
                met[block] = cell;
            }
        }
    }

    private Exported exported(int typeId) {
        if (typeId >= types.length) {
            types = Arrays.copyOf(types, typeId + 1);
        }
        if (types[typeId] == null) {
            types[typeId] = exported(reader.type(typeId));
        }
        return types[typeId];
    }

    /** The same type of an owner that was started again has the same tables. */
    private Exported exported(MetricsType type) {
        for (Exported exported : known) {
            if (exported.type.equals(type)) {
                return exported;
            }
        }
        Exported exported = new Exported(type, table(type, false),
                source.exportsHandles(type) ? table(type, true) : null);
        known.add(exported);
        return exported;
    }

    private Table table(MetricsType type, boolean isOfHandles) {
        Table table = new Table(type, names.of(type, isOfHandles), isOfHandles);
        tables.add(table);
        return table;
    }

    private Cell cell(Exported exported, boolean isMember, boolean isShown) {
        int block = reader.block();
        Cell cell = cells[block];
        boolean isKnown = cell != null && cell.generation == reader.generation()
                && isShown == (cell.handle != null);
        if (isKnown) {
            return cell;
        }
        label.setLength(0);
        String name = reader.appendLabel(label).toString();
        Row handle = isShown
                ? new Row(exported.handles, name, block, reader.generation()) : null;
        return new Cell(exported, reader.generation(), isMember ? null : sum(exported, name),
                handle);
    }

    private Row sum(Exported exported, String name) {
        Table table = exported.sums;
        Row row = table.named(name);
        if (row == null && table.rows() >= MAX_NAMES) {
            row = table.named(OTHERS);
        }
        if (row == null) {
            row = new Row(table, table.rows() < MAX_NAMES ? name : OTHERS, -1, 0);
            table.list().add(row);
            exported.kept.add(new long[table.fields()]);
        }
        return row;
    }

    /** What was met is what is so from now on. */
    private void commit() {
        for (int block = 0; block < cells.length; block++) {
            Cell former = cells[block];
            Cell cell = met[block];
            cells[block] = cell;
            if (cell != former && former != null) {
                retire(former);
            }
            if (cell != null) {
                cell.commit();
            }
            if (cell != former && cell != null && cell.handle != null) {
                cell.exported.handles.list().add(cell.handle);
            }
        }
        for (Exported exported : known) {
            sum(exported);
        }
        for (Cell cell : cells) {
            if (cell != null && cell.sum != null) {
                cell.addTo(cell.sum.values(), true);
            }
        }
    }

    /** A life that is over: its counts stay, and its row goes. */
    private void retire(Cell cell) {
        Exported exported = cell.exported;
        if (cell.sum != null) {
            cell.addTo(exported.kept.get(exported.sums.list().indexOf(cell.sum)), false);
        }
        if (cell.handle != null) {
            exported.hasVanished = true;
            vanish(cell.handle);
        }
    }

    private void sum(Exported exported) {
        for (int i = 0; i < exported.kept.size(); i++) {
            long[] values = exported.sums.row(i).values();
            System.arraycopy(exported.kept.get(i), 0, values, 0, values.length);
        }
        if (exported.hasVanished) {
            exported.hasVanished = false;
            exported.handles.list().removeIf(row -> cells[row.block()] == null
                    || cells[row.block()].handle != row);
        }
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

    private void note(int result, long tookNs) {
        set(ScrapeMetrics.UP_OFFSET, result >= 0 && reader.ownerAlive() ? 1 : 0);
        set(ScrapeMetrics.LIVE_OFFSET, Math.max(0, result));
        set(ScrapeMetrics.CAPACITY_OFFSET, reader.blocks());
        set(ScrapeMetrics.DURATION_NS_OFFSET, tookNs);
        add(ScrapeMetrics.SCRAPES_OFFSET, 1);
        add(ScrapeMetrics.FAILURES_OFFSET, result < 0 ? 1 : 0);
    }

    private void set(int offset, long value) {
        own.values()[offset / Long.BYTES] = value;
    }

    private void add(int offset, long value) {
        own.values()[offset / Long.BYTES] += value;
    }
}
