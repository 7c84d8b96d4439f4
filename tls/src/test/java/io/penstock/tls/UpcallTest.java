package io.penstock.tls;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.tls.openssl.Upcalls;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An exception that left a callback would end the process, and this test with it. */
class UpcallTest {
    private static final int ALERT = 0x4008;
    private int thrown;

    @AfterEach
    void leave() {
        Upcalls.enter(null);
    }

    /** Each kind, called as the library calls it, with a target that always throws. */
    @SuppressWarnings("restricted")
    @ParameterizedTest
    @CsvSource({
        "0, 2", "1, 2", "2, 3", "3, 0", "4, -1", "5, 0", "6, 0", "7, 0", "8, 1000000",
        "9, 1", "10, 2",
    })
    void noneLetsAnExceptionOut(int kind, int answer) throws Throwable {
        Upcalls.enter((Upcalls.Target) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {Upcalls.Target.class}, (proxy, method, arguments) -> {
                    thrown++;
                    throw new StackOverflowError(method.getName());
                }));
        MethodHandle stub = Linker.nativeLinker().downcallHandle(
                MemorySegment.ofAddress(Upcalls.stub(kind)), FunctionDescriptor.of(JAVA_INT,
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
        assertEquals(answer, (int) stub.invokeExact(1L, (long) ALERT, 3L, 4L, 5L, 6L));
        assertEquals(2, thrown, "it, and who is told of it");
    }

    /** Nobody has entered: an answer all the same. */
    @SuppressWarnings("restricted")
    @ParameterizedTest
    @CsvSource({"0, 2", "1, 2", "5, 0"})
    void norDoesACallForNobody(int kind, int answer) throws Throwable {
        Upcalls.enter(null);
        MethodHandle stub = Linker.nativeLinker().downcallHandle(
                MemorySegment.ofAddress(Upcalls.stub(kind)), FunctionDescriptor.of(JAVA_INT,
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
        assertEquals(answer, (int) stub.invokeExact(1L, (long) ALERT, 3L, 4L, 5L, 6L));
    }
}
