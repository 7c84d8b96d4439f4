package io.penstock.core.buffer;

import io.penstock.core.ReturnCode;
import io.penstock.core.sys.Posix;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Slabs of one size, cut from one allocation, handed out by number. The slab that was given back
 * last is taken next, while it is in the CPU's cache. A slab that was never taken uses no memory.
 *
 * <pre>
 *   slab        0         1         2               slabs - 1
 *          +---------+---------+---------+- - - -+-----------+
 *          |slabBytes|slabBytes|slabBytes|       | slabBytes |
 *          +---------+---------+---------+- - - -+-----------+
 *          |&lt;- buffer(0) == buffer(1) ..  -&gt;|&lt;- buffer(n) .. -&gt;|
 * </pre>
 *
 * A buffer's indexes are {@code int}s, so a pool of more than 2 GiB has more than one buffer;
 * {@code buffer(slab)} at {@code offset(slab)} is right for a pool of any size. Slabs are aligned
 * to 64 bytes if {@code slabBytes} is a multiple of 64.
 *
 * <p><b>Threading</b>: one thread. <b>Allocation</b>: none after the constructor.
 */
public final class BufferPool {
    private final MemorySegment region;
    private final NativeBuffer[] buffers;
    private final int slabsPerBuffer;
    private final int slabBytes;
    private final int[] free;
    private final boolean[] taken;
    private int available;
    private SlabHolder stalest;
    private SlabHolder freshest;

    /**
     * Makes a pool, of which no slab is taken.
     *
     * <p><b>Allocation</b>: set-up.
     *
     * @param slabs how many slabs, at least one
     * @param slabBytes the size of each, at least one
     */
    public BufferPool(int slabs, int slabBytes) {
        if (slabs <= 0 || slabBytes <= 0) {
            throw new IllegalArgumentException(slabs + " slabs of " + slabBytes + " bytes");
        }
        this.slabBytes = slabBytes;
        region = Region.allocate(Posix.system(), (long) slabs * slabBytes);
        slabsPerBuffer = Math.min(slabs, Integer.MAX_VALUE / slabBytes);
        buffers = buffers((long) slabsPerBuffer * slabBytes);
        taken = new boolean[slabs];
        free = new int[slabs];
        available = slabs;
        for (int i = 0; i < slabs; i++) {
            free[i] = slabs - 1 - i;
        }
    }

    /**
     * Takes a slab. It still has the bytes that its last user wrote.
     *
     * <p><b>Threading</b>: the pool's thread. <b>Allocation</b>: none.
     *
     * @return the slab's number; {@link ReturnCode#POOL_EXHAUSTED}
     */
    public int take() {
        if (available == 0) {
            return ReturnCode.POOL_EXHAUSTED;
        }
        int slab = free[--available];
        taken[slab] = true;
        return slab;
    }

    /**
     * Gives a slab back. To give back a slab that is not taken is a bug of the caller, which would
     * hand the same memory to two users; it throws an exception.
     *
     * <p><b>Threading</b>: the pool's thread. <b>Allocation</b>: none.
     *
     * @param slab its number
     */
    public void give(int slab) {
        if (!taken[slab]) {
            throw new IllegalStateException("slab " + slab + " is not taken");
        }
        taken[slab] = false;
        free[available++] = slab;
    }

    /**
     * Notes that a holder has just made progress: {@link #reclaim} considers it last.
     *
     * <p><b>Threading</b>: the pool's thread. <b>Allocation</b>: none.
     *
     * @param holder of slabs of this pool
     * @param nowNs the time of the progress; all holders of a pool use the same clock
     */
    public void progressed(SlabHolder holder, long nowNs) {
        released(holder);
        holder.isListed = true;
        holder.progressNs = nowNs;
        holder.staler = freshest;
        if (freshest == null) {
            stalest = holder;
        } else {
            freshest.fresher = holder;
        }
        freshest = holder;
    }

    /**
     * Notes that a holder no longer holds a slab: {@link #reclaim} does not consider it.
     *
     * <p><b>Threading</b>: the pool's thread. <b>Allocation</b>: none.
     *
     * @param holder any holder, listed or not
     */
    public void released(SlabHolder holder) {
        if (!holder.isListed) {
            return;
        }
        holder.isListed = false;
        if (holder.staler == null) {
            stalest = holder.fresher;
        } else {
            holder.staler.fresher = holder.fresher;
        }
        if (holder.fresher == null) {
            freshest = holder.staler;
        } else {
            holder.fresher.staler = holder.staler;
        }
        holder.staler = null;
        holder.fresher = null;
    }

    /**
     * Makes the holder that has been without progress for longest give its slabs back.
     *
     * <p><b>Threading</b>: the pool's thread. <b>Allocation</b>: none.
     *
     * @param asker the holder that needs slabs; it never gives up its own
     * @param sinceNs only a holder whose last progress was at this time or before gives them up
     * @return whether a holder gave its slabs back; false also if the asker has been without
     *     progress for longest
     */
    public boolean reclaim(SlabHolder asker, long sinceNs) {
        SlabHolder holder = stalest;
        if (holder == null || holder == asker || holder.progressNs - sinceNs > 0) {
            return false;
        }
        holder.reclaimed();
        return true;
    }

    /**
     * The buffer that a slab lies in, together with other slabs. A pool below 2 GiB has the same
     * buffer for all slabs.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param slab its number
     * @return the buffer
     */
    public NativeBuffer buffer(int slab) {
        return buffers[Objects.checkIndex(slab, taken.length) / slabsPerBuffer];
    }

    /**
     * The offset of a slab in {@link #buffer}.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param slab its number
     * @return the index of its first byte
     */
    public int offset(int slab) {
        return Objects.checkIndex(slab, taken.length) % slabsPerBuffer * slabBytes;
    }

    /**
     * The address of a slab in memory. The address is valid as long as the pool is reachable; it
     * does not itself keep the pool reachable.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param slab its number
     * @return the address of its first byte
     */
    public long address(int slab) {
        return region.address() + (long) Objects.checkIndex(slab, taken.length) * slabBytes;
    }

    /**
     * Wraps a flyweight around exactly one slab.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @param slab its number
     * @param flyweight the buffer to wrap
     */
    public void wrap(int slab, NativeBuffer flyweight) {
        flyweight.wrap(buffer(slab), offset(slab), slabBytes);
    }

    /**
     * How many slabs can be taken now.
     *
     * <p><b>Threading</b>: the pool's thread. <b>Allocation</b>: none.
     *
     * @return 0..{@link #slabs}
     */
    public int available() {
        return available;
    }

    /**
     * How many slabs there are.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @return as given to the constructor
     */
    public int slabs() {
        return taken.length;
    }

    /**
     * How large each slab is.
     *
     * <p><b>Threading</b>: any. <b>Allocation</b>: none.
     *
     * @return as given to the constructor
     */
    public int slabBytes() {
        return slabBytes;
    }

    private NativeBuffer[] buffers(long bufferBytes) {
        int count = Math.toIntExact((region.byteSize() + bufferBytes - 1) / bufferBytes);
        NativeBuffer[] all = new NativeBuffer[count];
        for (int i = 0; i < count; i++) {
            long offset = i * bufferBytes;
            long bytes = Math.min(bufferBytes, region.byteSize() - offset);
            all[i] = new NativeBuffer();
            all[i].wrap(region.asSlice(offset, bytes));
        }
        return all;
    }
}
