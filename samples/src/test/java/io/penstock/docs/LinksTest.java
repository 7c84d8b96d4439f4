package io.penstock.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every link from a page to the repository leads somewhere, and every page can be found. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```|`[^`\n]*`");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.*)$");

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : Pages.all()) {
            for (String link : links(page)) {
                links++;
                if (!leadsSomewhere(page, link)) {
                    broken.add(Pages.ROOT.relativize(page) + ": " + link);
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(links > 50, "looked in the wrong place: " + links);
    }

    @Test
    void everyPageIsInTheIndex() throws IOException {
        Path docs = Pages.ROOT.resolve("docs");
        List<Path> linked = new ArrayList<>();
        for (String link : links(docs.resolve("README.md"))) {
            linked.add(docs.resolve(link.replaceFirst("#.*", "")).normalize());
        }
        List<Path> lost = new ArrayList<>();
        for (Path page : Pages.all()) {
            boolean isCovered = page.getParent().endsWith("decisions")
                    ? linked.contains(page.getParent()) : linked.contains(page);
            if (page.startsWith(docs) && !page.endsWith("docs/README.md") && !isCovered) {
                lost.add(page);
            }
        }
        assertEquals(List.of(), lost);
    }

    private static List<String> links(Path page) throws IOException {
        Matcher matcher = LINK.matcher(CODE.matcher(Files.readString(page)).replaceAll("`code`"));
        List<String> links = new ArrayList<>();
        while (matcher.find()) {
            if (!matcher.group(1).matches("[a-z]+:.*")) {
                links.add(matcher.group(1));
            }
        }
        return links;
    }

    private static boolean leadsSomewhere(Path page, String link) throws IOException {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        return Files.exists(target)
                && (hash < 0 || anchors(target).contains(link.substring(hash + 1)));
    }

    /** The anchors that a browser of repositories makes of headings. */
    private static List<String> anchors(Path page) throws IOException {
        String text = Files.readString(page).replaceAll("(?ms)^```.*?^```", "");
        Matcher headings = HEADING.matcher(text);
        List<String> anchors = new ArrayList<>();
        while (headings.find()) {
            anchors.add(headings.group(1).strip().toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'));
        }
        return anchors;
    }
}
