package io.penstock.compare.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class PageTest {
    @TempDir
    Path folder;

    private static Results of(String... lines) {
        List<String> all = new ArrayList<>(List.of("group\techo\tan <echo> & more"));
        for (String line : lines) {
            all.add(line.replace('|', '\t'));
        }
        return Results.parse(all);
    }

    private static Results echo(String... more) {
        List<String> lines = new ArrayList<>(List.of("run|commit|abc", "machine|CPU|one",
                "sample|rate|Penstock|90", "sample|rate|C|100",
                "sample|rate|Penstock|110", "sample|rate|C|50",
                "sample|rate|Penstock|100", "sample|rate|C|200",
                "peer|rate|Penstock|java Echo", "peer|rate|C|echo 0"));
        lines.addAll(List.of(more));
        return of(lines.toArray(String[]::new));
    }

    private static String page(Results... groups) {
        return new Page("benchmarks").of(List.of(groups), List.of("later"));
    }

    @Test
    void mediansAndSpread() {
        Peer c = echo().rows().getFirst().peer("C");
        assertEquals(100, c.median(""));
        assertEquals("150 %", c.spread(""));
        c.add("", 120);
        assertEquals(110, c.median(""));
    }

    @Test
    void aTargetIsOfTheRatioToAPeer() {
        assertEquals(List.of(), echo("target|rate|C|at least|1").missed());
        assertEquals(List.of("rate: 1.000 of C, target at least 1.05"),
                echo("target|rate|C|at least|1.05").missed());
        assertEquals(List.of("rate: 1.000 of C, target at most 0.9"),
                echo("target|rate|C|at most|0.9").missed());
    }

    @Test
    void anOwnTargetIsOfTheValue() {
        assertEquals(List.of(), echo("target|rate|Penstock|at most|100").missed());
        assertEquals(List.of("rate: Penstock 100, target at most 0"),
                echo("target|rate|Penstock|at most|0").missed());
    }

    @Test
    void withoutPenstockEachTargetIsOfTheValue() {
        Results memory = of("sample|MB|netcat|8", "sample|MB|count|7",
                "target|MB|netcat|at most|7", "target|MB|count|at most|7");
        assertEquals(List.of("MB: netcat 8, target at most 7"), memory.missed());
    }

    @Test
    void aCurveIsHeldToItsTargetEverywhere() {
        Results curve = of("sample|cost|Penstock|1|1", "sample|cost|Penstock|3|10",
                "sample|cost|C|1|1", "sample|cost|C|2|10", "target|cost|C|at most|1.1");
        assertEquals(List.of("cost: 1: 1.000 of C, 10: 1.500 of C, target at most 1.1"),
                curve.missed());
    }

    @Test
    void oneThatIsMissingIsNoFailureAndMissesNothing() {
        Results results = echo("lost|rate|nc|missing: nc", "target|rate|nc|at least|2");
        assertEquals(List.of(), results.missed());
        assertFalse(results.isFailed());
        assertTrue(page(results).contains("| nc | - | - |  | missing: nc (at least 2) |"));
    }

    @Test
    void oneThatFailedIsTold() {
        Results results = echo("lost|rate|NIO|failed: not done after 3 s");
        assertTrue(results.isFailed());
        assertTrue(page(results).contains("- echo: rate: NIO failed: not done after 3 s\n"));
    }

    @Test
    void oneThatWasRefusedIsToldAndIsNoFailure() {
        Results results = echo("lost|rate|Netty|refused: it was AES, not ChaCha20",
                "target|rate|Netty|at least|2");
        assertFalse(results.isFailed());
        assertEquals(List.of(), results.missed());
        String page = page(results);
        assertTrue(page.contains(
                "| Netty | - | - |  | refused: it was AES, not ChaCha20 (at least 2) |"), page);
        assertTrue(page.contains("- echo: rate: Netty refused: it was AES, not ChaCha20\n"));
    }

    @Test
    void whatAPeerToldStandsInItsLine() {
        String page = page(echo("did|rate|C|TLSv1.3", "did|rate|Penstock|TLSv1.2",
                "target|rate|C|at least|1"));
        assertTrue(page.contains("| 1.000 | at least 1  ok  (TLSv1.3) |"), page);
        assertTrue(page.contains("| rate | Penstock | 100 | 20 % |  | (TLSv1.2) |"), page);
    }

    @Test
    void aChartHasRoomForALongReason() {
        String svg = new Chart(echo("lost|rate|NIO|refused: " + "x".repeat(100))).svg();
        assertTrue(svg.contains("refused: " + "x".repeat(40) + "…<"), svg);
    }

    @Test
    void oneThatIsMissingInManyRowsIsToldOnce() {
        assertEquals(List.of("rate and 1 more: nc missing: nc"),
                echo("lost|rate|nc|missing: nc", "lost|cost|nc|missing: nc").lost());
    }

    @Test
    void withoutPenstockThereIsNoRatioAndNoVerdict() {
        Results results = of("sample|rate|C|100", "lost|rate|Penstock|failed: x",
                "target|rate|C|at least|1");
        assertEquals(List.of(), results.missed());
        assertTrue(page(results).contains("| C | 100 | 0 % |  | at least 1  not measured |"));
    }

    @Test
    void thePageHasAllOfIt() {
        String page = page(echo("target|rate|C|at least|1.05"));
        assertTrue(page.contains("## echo: an <echo> & more"), page);
        assertTrue(page.contains("commit abc"), page);
        assertTrue(page.contains("![an <echo> & more](benchmarks/echo.svg)"), page);
        assertTrue(page.contains("| rate | Penstock | 100 | 20 % |  |  |"), page);
        assertTrue(page.contains("|  | C | 100 | 150 % | 1.000 | at least 1.05  **missed** |"));
        assertTrue(page.contains("    C: echo 0\n"), page);
        assertTrue(page.contains("- later: never measured"), page);
        assertTrue(page.contains("| CPU | one |"), page);
    }

    @Test
    void aMachineStandsOnceHoweverManyGroupsItHas() {
        String page = page(echo(), echo());
        assertTrue(page.contains("### Machine 1"), page);
        assertFalse(page.contains("### Machine 2"), page);
    }

    @Test
    void aChartIsWellFormedAndHasAPanelARow() throws Exception {
        Results results = echo("sample|curve|C|1|1", "sample|curve|C|1000|10",
                "sample|curve|C|4|1", "lost|rate|NIO|failed: <x>",
                "sample|nothing|C|0");
        Document svg = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new ByteArrayInputStream(
                        new Chart(results).svg().getBytes(StandardCharsets.UTF_8)));
        String text = svg.getDocumentElement().getTextContent();
        assertTrue(text.contains("rate") && text.contains("curve"), text);
        assertTrue(text.contains("failed: <x>"), text);
        assertFalse(text.contains("nothing"), text);
        assertEquals(2, svg.getElementsByTagName("circle").getLength());
        assertFalse(new Chart(results).svg().contains("NaN"));
    }

    @Test
    void theProgramWritesThePageAndTheCharts() throws Exception {
        Files.writeString(folder.resolve("echo.tsv"),
                "group\techo\tTCP echo\nsample\trate\tC\t1\nmachine\tCPU\tone\n");
        Path page = folder.resolve("page.md");
        Page.main(new String[] {page.toString(), folder.toString(), "echo", "udp"});
        assertTrue(Files.readString(page).contains("- udp: never measured"));
        assertTrue(Files.exists(folder.resolve("echo.svg")));
        assertFalse(Files.exists(folder.resolve("udp.svg")));
    }

    @Test
    void numbersHaveFourDigits() {
        assertEquals("0", Numbers.text(0));
        assertEquals("0.004644", Numbers.text(0.0046441));
        assertEquals("55", Numbers.text(55));
        assertEquals("12.96", Numbers.text(12.9579));
        assertEquals("1,234,568", Numbers.text(1_234_567.8));
    }
}
