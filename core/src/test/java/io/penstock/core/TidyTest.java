package io.penstock.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house rules that no compiler knows. */
class TidyTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> PUBLISHED =
            List.of("core", "udp", "dns", "pipes", "link", "tls", "metrics-bindings");
    private static final int MAX_COLUMNS = 100;

    private record Line(Path file, int number, String text) {
        @Override
        public String toString() {
            return ROOT.relativize(file) + ":" + number + ": " + text.strip();
        }
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            List<Path> found = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.toString().contains("/target/")).toList();
            assertTrue(found.size() > 50, "looked in the wrong place: " + ROOT);
            return found;
        }
    }

    private static boolean isPublished(Path file) {
        Path inside = ROOT.relativize(file);
        return PUBLISHED.contains(inside.getName(0).toString())
                && inside.toString().contains("/src/main/");
    }

    private static void none(Predicate<Path> where, Predicate<String> what) throws IOException {
        List<Line> found = new ArrayList<>();
        for (Path file : sources()) {
            if (where.test(file)) {
                List<String> lines = Files.readAllLines(file);
                for (int i = 0; i < lines.size(); i++) {
                    if (what.test(lines.get(i))) {
                        found.add(new Line(file, i + 1, lines.get(i)));
                    }
                }
            }
        }
        assertEquals(List.of(), found);
    }

    private static Predicate<String> matches(String regex) {
        return Pattern.compile(regex).asPredicate();
    }

    @Test
    void linesFit() throws IOException {
        none(file -> true, line -> line.length() > MAX_COLUMNS);
        none(file -> true, matches("\t|\\s$"));
    }

    /** The compiler does not mind. */
    @Test
    void whatIsImportedIsUsed() throws IOException {
        Pattern imports = Pattern.compile("(?m)^import (?:static )?[\\w.]+\\.(\\w+);$");
        List<String> unused = new ArrayList<>();
        for (Path file : sources()) {
            String text = Files.readString(file);
            imports.matcher(text).results().map(found -> found.group(1))
                    .filter(name -> text.split("\\b" + name + "\\b", 3).length < 3)
                    .forEach(name -> unused.add(ROOT.relativize(file) + ": " + name));
        }
        assertEquals(List.of(), unused);
    }

    @Test
    void onlySysAndOpensslMakeDowncalls() throws IOException {
        none(file -> isPublished(file) && !file.toString().matches(".*/(sys|openssl)/.*"),
                matches("\\bLinker\\b|\\bSymbolLookup\\b|MethodHandles\\.lookup"));
    }

    @Test
    void librariesPrintNothing() throws IOException {
        none(TidyTest::isPublished,
                matches("^(?! \\*|\\s+\\*).*(System\\.(out|err)|printStackTrace)"));
    }

    @Test
    void netTypesOfTheJdkStayOut() throws IOException {
        none(TidyTest::isPublished, matches("import java\\.net\\."));
    }

    @Test
    void nothingIsBoxedWhereItIsHot() throws IOException {
        none(file -> isPublished(file) && file.toString().matches(".*/(sys|buffer|loop|net)/.*"),
                matches("(Map|List|Set|Deque|Queue)<(Integer|Long)\\b|\\.stream\\(\\)"));
    }

    @Test
    void namesSayWhatThingsAre() throws IOException {
        none(file -> true,
                matches("(class|interface|record|enum) \\w*(Util|Utils|Helper|Manager|Impl)\\b"));
    }

    @Test
    void nothingIsLeftForLater() throws IOException {
        Predicate<Path> others = file -> !file.endsWith("TidyTest.java");
        none(others, matches("\\b(TODO|FIXME|XXX)\\b|@Disabled"));
    }

    /** The glossary of docs/hacking.md: a word that it replaced does not come back. */
    @Test
    void replacedWordsStayOut() throws IOException {
        none(file -> !file.endsWith("TidyTest.java"),
                matches("(?<![A-Za-z])laws?(?![a-z])|(?<![A-Z])Laws?(?![a-z])|LAWS?(?![A-Z])"
                        + "|\\bRESTING\\b|RESTS?_(OFFSET|NS)\\b|\"rests\"|\\.rests\\b"
                        + "|\\bwordsOffset\\b|WORDS_OFFSET|\\bNO_WORDS\\b|\\breleaseWords\\b"
                        + "|\\bsendApart\\b|\\bforget\\("));
    }

    /** A result that a caller has to handle is named. */
    @Test
    void resultsAreListed() throws IOException {
        none(file -> isPublished(file),
                matches("@return (0,? or (a|another) code|whether (it|they) (is|are|does|do|has"
                        + "|have)|true if so|if so)\\.?$"));
    }

    /** A sentence has a noun for its subject; only a question begins with these words. */
    @Test
    void sentencesNameTheirSubjects() throws IOException {
        Predicate<String> headless = matches("(/\\*\\*|^\\s*\\*|//) (What|Who|Whom|Whose"
                + "|Whether (what|who)|Those (that|who)|That which|The one (that|who))\\b");
        none(file -> isPublished(file),
                line -> headless.test(line) && !line.contains("?"));
    }

    /** So that every test is skipped before it starts anything, and all of them are listed. */
    @Test
    void programsAreAskedForInOnePlace() throws IOException {
        none(file -> file.toString().contains("/src/test/") && !file.endsWith("Peer.java")
                && !file.endsWith("TidyTest.java"), matches("isExecutable|not installed\""));
    }

    @Test
    void everyPackageSaysWhatItIsFor() throws IOException {
        List<Path> silent = sources().stream().filter(TidyTest::isPublished)
                .map(Path::getParent).distinct()
                .filter(folder -> !folder.endsWith("java"))
                .filter(folder -> !Files.exists(folder.resolve("package-info.java"))).toList();
        assertEquals(List.of(), silent);
    }
}
