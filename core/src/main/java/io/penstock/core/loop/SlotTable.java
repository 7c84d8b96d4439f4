package io.penstock.core.loop;

import io.penstock.core.ReturnCode;
import java.util.Arrays;

/**
 * The handle of each slot. A token is {@code generation << 32 | slot}, and each handle that takes a
 * slot gets a new generation: the token of a closed handle finds no handle, even when its slot has
 * a new owner. Slots are reused oldest first.
 */
final class SlotTable {
    private final Handle[] owners; // by slot; null for a free slot
    private final int[] generations;
    private final int[] free; // a ring
    private int freeHead;
    private int freeCount;

    SlotTable(int slots) {
        owners = new Handle[slots];
        generations = new int[slots];
        free = new int[slots];
        Arrays.setAll(free, i -> i);
        freeCount = slots;
    }

    int slots() {
        return owners.length;
    }

    int taken() {
        return owners.length - freeCount;
    }

    /** The handle that has a slot, open or closing; null for a free slot. */
    Handle owner(int slot) {
        return owners[slot];
    }

    /** The open handle of a token; null if that handle has closed. */
    Handle open(long token) {
        int slot = (int) token;
        Handle handle = slot >= 0 && slot < owners.length ? owners[slot] : null;
        return handle != null && handle.token() == token && handle.isOpen() ? handle : null;
    }

    /** Gives a handle the slot that has been free for longest, and returns its token or a code. */
    long take(Handle handle) {
        if (freeCount == 0) {
            return ReturnCode.HANDLES_EXHAUSTED;
        }
        int slot = free[freeHead];
        freeHead = freeHead + 1 == free.length ? 0 : freeHead + 1;
        freeCount--;
        owners[slot] = handle;
        generations[slot] = (generations[slot] + 1) & Integer.MAX_VALUE;
        return (long) generations[slot] << 32 | slot;
    }

    void give(int slot) {
        owners[slot] = null;
        int tail = freeHead + freeCount++;
        free[tail >= free.length ? tail - free.length : tail] = slot;
    }
}
