package io.penstock.core.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.core.ReturnCode;
import io.penstock.core.testing.Allocation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
    @Test
    void handsOutEverySlabOnceAndThenSaysSo() {
        BufferPool pool = new BufferPool(3, 100);
        Set<Integer> taken = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            assertTrue(taken.add(pool.take()));
        }
        assertEquals(Set.of(0, 1, 2), taken);
        assertEquals(ReturnCode.POOL_EXHAUSTED, pool.take());
        assertEquals(0, pool.available());
        pool.give(1);
        assertEquals(1, pool.take());
    }

    @Test
    void refusesMisuse() {
        BufferPool pool = new BufferPool(2, 8);
        int slab = pool.take();
        pool.give(slab);
        assertThrows(IllegalStateException.class, () -> pool.give(slab));
        assertEquals(2, pool.available());
        for (int none : new int[] {-1, 2}) {
            assertThrows(IndexOutOfBoundsException.class, () -> pool.give(none));
            assertThrows(IndexOutOfBoundsException.class, () -> pool.offset(none));
            assertThrows(IndexOutOfBoundsException.class, () -> pool.address(none));
            assertThrows(IndexOutOfBoundsException.class, () -> pool.buffer(none));
        }
        assertThrows(IllegalArgumentException.class, () -> new BufferPool(0, 8));
        assertThrows(IllegalArgumentException.class, () -> new BufferPool(8, 0));
    }

    @Test
    void aPoolOfMoreThan2GiBLiesUnderMoreThanOneBuffer() {
        int mib = 1 << 20;
        BufferPool pool = new BufferPool(5_000, mib);
        assertSame(pool.buffer(0), pool.buffer(2046));
        assertNotSame(pool.buffer(0), pool.buffer(2047));
        assertEquals(0, pool.offset(2047));
        assertEquals((5_000 - 2 * 2047) * mib, pool.buffer(4_999).capacity());
        NativeBuffer flyweight = new NativeBuffer();
        for (int slab : new int[] {0, 1, 2046, 2047, 2048, 4_093, 4_094, 4_999}) {
            assertEquals(pool.address(0) + (long) slab * mib, pool.address(slab));
            assertEquals(pool.address(slab),
                    pool.buffer(slab).addressOffset() + pool.offset(slab));
            pool.wrap(slab, flyweight);
            assertEquals(mib, flyweight.capacity());
            flyweight.putLong(mib - 8, slab);
            assertEquals(slab, pool.buffer(slab).getLong(pool.offset(slab) + mib - 8));
        }
    }

    /** Compares the pool with a list of free slabs: last given, first taken. */
    @Property(tries = 300)
    void invariants(@ForAll @IntRange(min = 1, max = 9) int slabs,
            @ForAll @Size(max = 60) List<@IntRange(max = 8) Integer> schedule) {
        BufferPool pool = new BufferPool(slabs, 64);
        NativeBuffer flyweight = new NativeBuffer();
        List<Integer> taken = new ArrayList<>();
        int lastGiven = -1;
        for (int step : schedule) {
            if (step % 3 != 0 || taken.isEmpty()) {
                int slab = pool.take();
                if (taken.size() == slabs) {
                    assertEquals(ReturnCode.POOL_EXHAUSTED, slab);
                    continue;
                }
                assertTrue(slab >= 0 && slab < slabs);
                assertFalse(taken.contains(slab));
                if (lastGiven >= 0) {
                    assertEquals(lastGiven, slab);
                }
                taken.add(slab);
                lastGiven = -1;
                pool.wrap(slab, flyweight);
                flyweight.setMemory(0, 64, (byte) slab);
            } else {
                lastGiven = taken.remove(step % taken.size());
                pool.give(lastGiven);
            }
            assertEquals(slabs - taken.size(), pool.available());
            for (int slab : taken) {
                NativeBuffer buffer = pool.buffer(slab);
                assertEquals(slab, buffer.getByte(pool.offset(slab)));
                assertEquals(slab, buffer.getByte(pool.offset(slab) + pool.slabBytes() - 1));
            }
        }
        assertEquals(slabs, pool.slabs());
    }

    @Test
    @Tag("allocation")
    void allocatesNothing() {
        BufferPool pool = new BufferPool(4, 1024);
        NativeBuffer flyweight = new NativeBuffer();
        Allocation.assertNone("take and give", 2_000, 2_000, () -> {
            int slab = pool.take();
            pool.wrap(slab, flyweight);
            pool.buffer(slab).putLong(pool.offset(slab), pool.address(slab));
            pool.give(slab);
        });
        for (int i = 0; i < 4; i++) {
            pool.take();
        }
        Allocation.assertNone("take from an empty pool", 2_000, 2_000, pool::take);
    }
}
