package io.penstock.metrics.agrona;

import static org.agrona.concurrent.status.CountersReader.COUNTER_LENGTH;
import static org.agrona.concurrent.status.CountersReader.FREE_FOR_REUSE_DEADLINE_OFFSET;
import static org.agrona.concurrent.status.CountersReader.FULL_LABEL_LENGTH;
import static org.agrona.concurrent.status.CountersReader.KEY_OFFSET;
import static org.agrona.concurrent.status.CountersReader.LABEL_OFFSET;
import static org.agrona.concurrent.status.CountersReader.METADATA_LENGTH;
import static org.agrona.concurrent.status.CountersReader.NOT_FREE_TO_REUSE;
import static org.agrona.concurrent.status.CountersReader.OWNER_ID_OFFSET;
import static org.agrona.concurrent.status.CountersReader.RECORD_ALLOCATED;
import static org.agrona.concurrent.status.CountersReader.RECORD_RECLAIMED;
import static org.agrona.concurrent.status.CountersReader.RECORD_UNUSED;
import static org.agrona.concurrent.status.CountersReader.REFERENCE_ID_OFFSET;
import static org.agrona.concurrent.status.CountersReader.REGISTRATION_ID_OFFSET;
import static org.agrona.concurrent.status.CountersReader.TYPE_ID_OFFSET;

import io.penstock.core.ReturnCode;
import io.penstock.core.buffer.NativeBuffer;
import io.penstock.core.metrics.MetricsReader;
import io.penstock.core.metrics.MetricsType;
import java.util.Objects;
import org.agrona.concurrent.AtomicBuffer;

/**
 * A region's live blocks in the layout of Agrona's {@code CountersReader}, for those who have tools
 * for that: a counter for each word, as of the last {@link #refresh}. A counter is labelled
 * {@code "type.field: block's label"}; its type id is the block's, its registration id the block's
 * generation, its owner id the block, its reference id the field. Its own id is good until the next
 * refresh alone. A view stays with one region.
 *
 * <pre>{@code
 *   CountersView view = new CountersView(reader, 1_000);
 *   CountersReader counters = new CountersReader(view.metadata(), view.values());
 *   view.refresh();
 *   counters.forEach((value, id, label) -> System.out.println(label + " " + value));
 * }</pre>
 *
 * <p><b>Threading</b>: the reader's thread refreshes, any reads. <b>Allocation</b>: none after the
 * constructor.
 */
public final class CountersView {
    private final MetricsReader reader;
    private final int capacity;
    private final NativeBuffer metadata;
    private final NativeBuffer values;
    private final StringBuilder label = new StringBuilder(FULL_LABEL_LENGTH);
    private int used;

    /**
     * Makes a view that is empty before it is refreshed.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param reader of the region
     * @param counters how many there is room for
     */
    public CountersView(MetricsReader reader, int counters) {
        this.reader = Objects.requireNonNull(reader);
        capacity = counters;
        metadata = NativeBuffer.allocate(Math.multiplyExact(counters, METADATA_LENGTH));
        values = NativeBuffer.allocate(Math.multiplyExact(counters, COUNTER_LENGTH));
    }

    /**
     * The descriptions, for {@code CountersReader}'s constructor.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @return the buffer
     */
    public AtomicBuffer metadata() {
        return metadata;
    }

    /**
     * The values, for {@code CountersReader}'s constructor.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @return the buffer
     */
    public AtomicBuffer values() {
        return values;
    }

    /**
     * Copies the region's live blocks. One that does not stand still is left out this time.
     *
     * <p><b>Threading</b>: the reader's thread. <b>Allocation</b>: none, unless a type is new.
     * <b>Returns</b>: how many counters there are; {@link ReturnCode#METRICS_EXHAUSTED} if not all
     * fit (those that do are there); what {@link MetricsReader#read} says.
     *
     * @return the count, or a code
     */
    public int refresh() {
        int count = 0;
        int result = reader.blocks() > 0 ? ReturnCode.OK : ReturnCode.NOT_OPEN;
        for (int block = 0; block < reader.blocks() && result >= 0; block++) {
            int state = reader.read(block);
            if (state == MetricsReader.LIVE) {
                MetricsType type = reader.type(reader.typeId());
                int fit = Math.min(type.fields(), capacity - count);
                for (int field = 0; field < fit; field++) {
                    put(count++, type, field);
                }
                result = fit < type.fields() ? ReturnCode.METRICS_EXHAUSTED : result;
            } else if (state < 0 && state != ReturnCode.BLOCK_CHANGED) {
                result = state;
            }
        }
        for (int id = count; id < used; id++) {
            metadata.putIntRelease(id * METADATA_LENGTH, RECORD_UNUSED);
        }
        used = count;
        return result < 0 ? result : count;
    }

    private void put(int id, MetricsType type, int field) {
        int value = id * COUNTER_LENGTH;
        int at = id * METADATA_LENGTH;
        long key = (long) reader.block() << Integer.SIZE | field;
        if (metadata.getInt(at) != RECORD_ALLOCATED || metadata.getLong(at + KEY_OFFSET) != key
                || values.getLong(value + REGISTRATION_ID_OFFSET) != reader.generation()) {
            metadata.putIntRelease(at, RECORD_RECLAIMED);
            metadata.putInt(at + TYPE_ID_OFFSET, reader.typeId());
            metadata.putLong(at + FREE_FOR_REUSE_DEADLINE_OFFSET, NOT_FREE_TO_REUSE);
            metadata.putLong(at + KEY_OFFSET, key);
            putLabel(at + LABEL_OFFSET, type, field);
            values.putLong(value + REGISTRATION_ID_OFFSET, reader.generation());
            values.putLong(value + OWNER_ID_OFFSET, reader.block());
            values.putLong(value + REFERENCE_ID_OFFSET, field);
        }
        values.putLongRelease(value, reader.value(field));
        metadata.putIntRelease(at, RECORD_ALLOCATED);
    }

    private void putLabel(int at, MetricsType type, int field) {
        label.setLength(0);
        label.append(type.name()).append('.').append(type.field(field)).append(": ");
        reader.appendLabel(label);
        metadata.putInt(at, label.length());
        for (int i = 0; i < label.length(); i++) {
            metadata.putByte(at + Integer.BYTES + i, (byte) label.charAt(i));
        }
    }
}
