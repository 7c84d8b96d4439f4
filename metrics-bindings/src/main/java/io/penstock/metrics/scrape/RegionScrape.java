package io.penstock.metrics.scrape;

import io.penstock.core.ReturnCode;
import io.penstock.core.metrics.BlockVisitor;
import io.penstock.core.metrics.MetricsReader;
import java.util.Arrays;
import java.util.List;

/** One region of a scrape: its blocks as they were met last, and its rows. */
final class RegionScrape implements BlockVisitor {
    private final Scrape scrape;
    private final MetricsSource source;
    private final MetricsReader reader = new MetricsReader();
    private final StringBuilder label = new StringBuilder();
    private final Row own;
    private Exported[] types = {}; // by the region's type id
    private Cell[] cells = {}; // by block
    private Cell[] met = {};
    private boolean hasVanished; // a row of handles

    RegionScrape(Scrape scrape, MetricsSource source, Table ownTable) {
        this.scrape = scrape;
        this.source = source;
        own = new Row(ownTable, source.name(), source.title(), -1, 0);
        ownTable.list().add(own);
    }

    MetricsReader reader() {
        return reader;
    }

    /** Reads the region: how many blocks are live, or a code. */
    int take() {
        long began = System.nanoTime();
        int result = source.open(reader);
        if (result == 1) {
            begin();
        }
        if (result >= 0) {
            result = reader.walk(this);
            if (result >= 0) {
                commit();
            } else if (result != ReturnCode.BLOCK_CHANGED) {
                reader.close(); // another may have its name by the next time
            }
        }
        note(result, System.nanoTime() - began);
        return result;
    }

    void close() {
        reader.close();
        begin();
    }

    /** A region that was not read before. */
    private void begin() {
        for (Exported exported : scrape.known()) {
            vanish(exported.sums.list());
            vanish(exported.handles.list());
        }
        types = new Exported[0];
        cells = new Cell[reader.blocks()];
        met = new Cell[reader.blocks()];
    }

    private void vanish(List<Row> rows) {
        rows.removeIf(row -> {
            boolean isOurs = row.owner == this;
            if (isOurs) {
                scrape.vanish(row);
            }
            return isOurs;
        });
    }

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
        boolean isShown = state == MetricsReader.LIVE && aggregate != block
                && source.exportsHandles(exported.type);
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

    private Exported exported(int typeId) {
        if (typeId >= types.length) {
            types = Arrays.copyOf(types, typeId + 1);
        }
        if (types[typeId] == null) {
            types[typeId] = scrape.exported(reader.type(typeId));
        }
        return types[typeId];
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
        Row handle = isShown ? new Row(exported.handles, source.name(), name, block,
                reader.generation()) : null;
        if (isShown) {
            handle.owner = this;
        }
        return new Cell(exported, reader.generation(), isMember ? null : sum(exported.sums, name),
                handle);
    }

    private Row sum(Table table, String name) {
        Row row = table.named(source.name(), name);
        if (row == null && table.rows() >= Scrape.MAX_NAMES) {
            row = table.named(source.name(), Scrape.OTHERS);
        }
        if (row == null) {
            row = new Row(table, source.name(),
                    table.rows() < Scrape.MAX_NAMES ? name : Scrape.OTHERS, -1, 0);
            row.owner = this;
            table.list().add(row);
        }
        return row;
    }

    /** The walk has succeeded: replaces the former blocks by those that it visited. */
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
        List<Exported> known = scrape.known();
        for (int i = 0; i < known.size(); i++) {
            sum(known.get(i));
        }
        for (Cell cell : cells) {
            if (cell != null && cell.sum != null) {
                cell.addTo(cell.sum.values(), true);
            }
        }
        hasVanished = false;
    }

    /** A life that is over: its counts stay, and its row goes. */
    private void retire(Cell cell) {
        if (cell.sum != null) {
            cell.addTo(cell.sum.kept(), false);
        }
        if (cell.handle != null) {
            hasVanished = true;
            scrape.vanish(cell.handle);
        }
    }

    private void sum(Exported exported) {
        for (int i = 0; i < exported.sums.rows(); i++) {
            Row row = exported.sums.row(i);
            if (row.owner == this) {
                System.arraycopy(row.kept(), 0, row.values(), 0, row.kept().length);
            }
        }
        if (hasVanished) {
            exported.handles.list().removeIf(row -> row.owner == this
                    && (cells[row.block()] == null || cells[row.block()].handle != row));
        }
    }

    private void note(int result, long tookNs) {
        set(ScrapeMetrics.UP_OFFSET, result >= 0 && reader.isOwnerAlive() ? 1 : 0);
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
