package io.penstock.core.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Enters the kernel from Java, by one signature: seven longs in and one out.
 *
 * <p>Normally the call goes to a stub, a few bytes of machine code in a page of its own, which
 * returns {@code -errno} as the kernel does. If a hardened system refuses executable mappings, or
 * {@value #PROPERTY} is {@code libc}, it goes to libc's {@code syscall} and captures {@code errno}.
 */
@SuppressWarnings("restricted") // this class is the door that native access is granted for
final class KernelEntry {
    static final String PROPERTY = "penstock.kernelEntry";

    /** One of {@code stub}, {@code libc}, {@code none}. */
    static final String KIND;

    private static final int PAGE_BYTES = 4096;
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

    // endbr64; mov rax,rdi; mov rdi,rsi; mov rsi,rdx; mov rdx,rcx; mov r10,r8; mov r8,r9;
    // mov r9,[rsp+8]; syscall; ret: f30f1efa 4889f8 4889f7 4889d6 4889ca 4d89c2 4d89c8 4c8b4c2408
    // 0f05 c3, then int3 twice; as little-endian ints.
    private static final int[] CODE_X86_64 = {
        0xfa1e0ff3, 0x48f88948, 0x8948f789, 0xca8948d6, 0x4dc2894d, 0x8b4cc889,
        0x0f08244c, 0xccccc305,
    };
    // bti c; mov x8,x0; mov x0,x1; ...; mov x5,x6; svc #0; ret
    private static final int[] CODE_AARCH64 = {
        0xd503245f, 0xaa0003e8, 0xaa0103e0, 0xaa0203e1, 0xaa0303e2, 0xaa0403e3, 0xaa0503e4,
        0xaa0603e5, 0xd4000001, 0xd65f03c0,
    };

    private static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                    JAVA_LONG, JAVA_LONG, JAVA_LONG);
    // One handle without a bound address, for libc and for the stub: each further handle costs
    // start-up time.
    private static final MethodHandle CALL;
    private static final MemorySegment STUB;
    private static final MethodHandle LIBC;
    private static final boolean IS_STUB;

    static {
        MethodHandle call = null;
        MemorySegment stub = null;
        MethodHandle libc = null;
        String kind = "none";
        if (Architecture.IS_SUPPORTED) {
            Linker linker = Linker.nativeLinker();
            MemorySegment syscall = linker.defaultLookup().find("syscall").orElseThrow();
            if (!"libc".equals(System.getProperty(PROPERTY))) {
                call = linker.downcallHandle(SHAPE);
                stub = stub(call, syscall);
            }
            if (stub == null) {
                libc = linker.downcallHandle(syscall, SHAPE,
                        Linker.Option.captureCallState("errno"));
            }
            kind = stub == null ? "libc" : "stub";
        }
        CALL = call;
        STUB = stub;
        LIBC = libc;
        KIND = kind;
        IS_STUB = stub != null;
    }

    private KernelEntry() {
    }

    /** Enters the kernel: its result, or {@code -errno}. */
    static long enter(int number, long a, long b, long c, long d, long e, long f) {
        try {
            if (IS_STUB) {
                return (long) CALL.invokeExact(STUB, (long) number, a, b, c, d, e, f);
            }
            return LIBC == null
                    ? Posix.UNSUPPORTED_PLATFORM
                    : throughLibc(number, a, b, c, d, e, f);
        } catch (Throwable t) {
            throw new AssertionError(t); // neither target can throw: no upcalls, no checks
        }
    }

    private static long throughLibc(
            int number, long a, long b, long c, long d, long e, long f) throws Throwable {
        MemorySegment errno = Errno.CAPTURE.get();
        long result = (long) LIBC.invokeExact(errno, (long) number, a, b, c, d, e, f);
        return result == -1 ? -(int) Errno.VALUE.get(errno, 0L) : result;
    }

    /** Makes the stub; null if the system refuses to map executable memory. */
    private static MemorySegment stub(MethodHandle call, MemorySegment libc) {
        try {
            long page = (long) call.invokeExact(libc, (long) Syscall.MMAP, 0L, (long) PAGE_BYTES,
                    (long) (PROT_READ | PROT_WRITE), (long) MAP_PRIVATE_ANONYMOUS, -1L, 0L);
            if (page == -1) {
                return null;
            }
            MemorySegment code = MemorySegment.ofAddress(page).reinterpret(PAGE_BYTES);
            write(code);
            // The kernel makes the instruction cache coherent when a page becomes executable.
            long rc = (long) call.invokeExact(libc, (long) Syscall.MPROTECT, page,
                    (long) PAGE_BYTES, (long) (PROT_READ | PROT_EXEC), 0L, 0L, 0L);
            return rc == -1 ? null : code;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static void write(MemorySegment code) {
        MemorySegment source = MemorySegment.ofArray(
                Architecture.IS_X86_64 ? CODE_X86_64 : CODE_AARCH64);
        MemorySegment.copy(source, 0, code, 0, source.byteSize());
    }

    /** Captures errno for the libc entry; this class is loaded only if that entry is in use. */
    private static final class Errno {
        static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
        static final VarHandle VALUE =
                LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        static final ThreadLocal<MemorySegment> CAPTURE =
                ThreadLocal.withInitial(() -> capture(Arena.ofAuto()));

        private Errno() {
        }

        private static MemorySegment capture(SegmentAllocator allocator) {
            return allocator.allocate(LAYOUT);
        }
    }
}
