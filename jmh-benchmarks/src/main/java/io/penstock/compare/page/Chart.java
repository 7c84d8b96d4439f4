package io.penstock.compare.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A picture of one group: a panel for each row, in two columns. Bars are medians, with a line from
 * the least to the greatest; curves go through medians, with such a line at each point. Colours
 * follow the reader's scheme, light or dark; curves also differ in their dashes.
 */
final class Chart {
    private static final int COLUMNS = 2;
    private static final int PANEL_WIDTH = 460;
    private static final int MARGIN = 16;
    private static final int TITLE_HEIGHT = 24;
    private static final int BAR_HEIGHT = 20;
    private static final int NAME_WIDTH = 96;
    private static final int VALUE_WIDTH = 76;
    private static final int CURVE_HEIGHT = 180;
    private static final int AXIS_WIDTH = 64;
    private static final int LEGEND_HEIGHT = 20;
    private static final int COLOURS = 8;
    private static final int MOST_LETTERS = 50;
    private static final double LOG_FROM = 20; // greatest to least: the axis is logarithmic

    private static final String STYLE = """
            <style>
            text { font: 12px system-ui, sans-serif; fill: #1f2328 }
            .title { font-weight: 600 } .end { text-anchor: end } .middle { text-anchor: middle }
            .back { fill: #ffffff } .axis { stroke: #d0d7de } .range { stroke: #1f2328 }
            .bar { stroke: none } .curve { fill: none; stroke-width: 2 }
            .c0 { fill: #0969da; stroke: #0969da } .c1 { fill: #6e7781; stroke: #6e7781 }
            .c2 { fill: #bc4c00; stroke: #bc4c00 } .c3 { fill: #1a7f37; stroke: #1a7f37 }
            .c4 { fill: #8250df; stroke: #8250df } .c5 { fill: #9a6700; stroke: #9a6700 }
            .c6 { fill: #bf3989; stroke: #bf3989 } .c7 { fill: #1b7c83; stroke: #1b7c83 }
            .d1 { stroke-dasharray: 8 4 } .d2 { stroke-dasharray: 2 3 }
            .d3 { stroke-dasharray: 10 3 2 3 }
            .d4 { stroke-dasharray: 5 2 } .d5 { stroke-dasharray: 1 5 }
            .d6 { stroke-dasharray: 14 4 } .d7 { stroke-dasharray: 6 2 1 2 }
            @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3 } .back { fill: #0d1117 } .axis { stroke: #3d444d }
            .range { stroke: #e6edf3 }
            .c0 { fill: #4493f8; stroke: #4493f8 } .c1 { fill: #9198a1; stroke: #9198a1 }
            .c2 { fill: #f0883e; stroke: #f0883e } .c3 { fill: #3fb950; stroke: #3fb950 }
            .c4 { fill: #ab7df8; stroke: #ab7df8 } .c5 { fill: #d29922; stroke: #d29922 }
            .c6 { fill: #f778ba; stroke: #f778ba } .c7 { fill: #39c5cf; stroke: #39c5cf }
            }
            .curve { fill: none }
            </style>
            """;

    private final Results group;
    private final List<String> names = new ArrayList<>(List.of(Row.OWN));
    private final StringBuilder out = new StringBuilder();

    Chart(Results group) {
        this.group = group;
        for (Row row : group.rows()) {
            for (Peer peer : row.peers()) {
                if (!names.contains(peer.name)) {
                    names.add(peer.name);
                }
            }
        }
    }

    String svg() {
        int height = MARGIN + TITLE_HEIGHT;
        List<Row> rows = group.rows().stream().filter(Chart::isWorthAPanel).toList();
        for (int i = 0; i < rows.size(); i += COLUMNS) {
            int highest = 0;
            for (int column = 0; column < COLUMNS && i + column < rows.size(); column++) {
                int left = MARGIN + column * (PANEL_WIDTH + MARGIN);
                highest = Math.max(highest, panel(rows.get(i + column), left, height));
            }
            height += highest + MARGIN;
        }
        int width = COLUMNS * (PANEL_WIDTH + MARGIN) + MARGIN;
        String heading = group.name + ": " + group.title;
        return format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                + "width=\"%d\" height=\"%d\" role=\"img\">%n<title>%s</title>%n",
                width, height, width, height, escape(heading)) + STYLE
                + format("<rect class=\"back\" width=\"%d\" height=\"%d\"/>%n", width, height)
                + format("<text class=\"title\" x=\"%d\" y=\"%d\">%s</text>%n",
                        MARGIN, MARGIN + 8, escape(heading))
                + out + "</svg>\n";
    }

    /** Nothing is to be seen where all is nothing. */
    private static boolean isWorthAPanel(Row row) {
        return greatest(row) > 0;
    }

    private static double greatest(Row row) {
        double most = 0;
        for (Peer peer : row.peers()) {
            for (String place : peer.places()) {
                most = Math.max(most, peer.most(place));
            }
        }
        return most;
    }

    private static double least(Row row) {
        double least = Double.MAX_VALUE;
        for (Peer peer : row.peers()) {
            for (String place : peer.places()) {
                least = Math.min(least, peer.least(place));
            }
        }
        return least;
    }

    /** Draws it, and tells its height. */
    private int panel(Row row, int left, int top) {
        text("title", left, top + 12, row.title);
        return TITLE_HEIGHT + (row.isCurve() ? curves(row, left, top + TITLE_HEIGHT)
                : bars(row, left, top + TITLE_HEIGHT));
    }

    /** What there is room for where a bar would be; the page has all of it. */
    private static String fitting(String text) {
        return text.length() <= MOST_LETTERS ? text : text.substring(0, MOST_LETTERS - 1) + "…";
    }

    private int bars(Row row, int left, int top) {
        int from = left + NAME_WIDTH;
        double scale = (PANEL_WIDTH - NAME_WIDTH - VALUE_WIDTH) / greatest(row);
        int y = top;
        for (Peer peer : row.peers()) {
            int middle = y + BAR_HEIGHT / 2;
            text("end", from - 6, middle + 4, peer.name);
            if (peer.isMeasured()) {
                draw("<rect class=\"bar %s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n",
                        colour(peer), from, y + 3, peer.median("") * scale, BAR_HEIGHT - 6);
                range(from + peer.least("") * scale, middle, from + peer.most("") * scale, middle);
                text("", from + (int) (peer.most("") * scale) + 6, middle + 4,
                        Numbers.text(peer.median("")));
            } else {
                text("", from, middle + 4,
                        peer.lost.isEmpty() ? "not measured" : fitting(peer.lost));
            }
            y += BAR_HEIGHT;
        }
        line("axis", from, top, from, y);
        return y - top;
    }

    private int curves(Row row, int left, int top) {
        Axis axis = new Axis(least(row), greatest(row), top + 6, top + CURVE_HEIGHT);
        int from = left + AXIS_WIDTH;
        List<String> places = row.places();
        double step = (PANEL_WIDTH - AXIS_WIDTH - 20) / Math.max(1.0, places.size() - 1);
        for (double tick : axis.ticks()) {
            line("axis", from, axis.at(tick), left + PANEL_WIDTH, axis.at(tick));
            text("end", from - 6, (int) axis.at(tick) + 4, Numbers.text(tick));
        }
        for (int i = 0; i < places.size(); i++) {
            text("middle", (int) (from + i * step), top + CURVE_HEIGHT + 16, places.get(i));
        }
        for (Peer peer : row.peers()) {
            curve(peer, places, from, step, axis);
        }
        return CURVE_HEIGHT + 24 + legend(row, left, top + CURVE_HEIGHT + 24);
    }

    private int legend(Row row, int left, int top) {
        int x = left;
        int y = top + LEGEND_HEIGHT / 2;
        for (Peer peer : row.peers()) {
            String name = peer.name + (peer.isMeasured() ? "" : " (not measured)");
            int width = 44 + 7 * name.length();
            if (x + width > left + PANEL_WIDTH && x > left) {
                x = left;
                y += LEGEND_HEIGHT;
            }
            draw("<path class=\"curve %s %s\" d=\"M%d %d h24\"/>%n",
                    colour(peer), dashes(peer), x, y);
            text("", x + 28, y + 4, name);
            x += width;
        }
        return y + LEGEND_HEIGHT / 2 - top;
    }

    private void curve(Peer peer, List<String> places, int from, double step, Axis axis) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < places.size(); i++) {
            String place = places.get(i);
            if (peer.isMeasured(place)) {
                double x = from + i * step;
                path.append(format("%s%.1f %.1f", path.isEmpty() ? "M" : " L", x,
                        axis.at(peer.median(place))));
                range(x, axis.at(peer.least(place)), x, axis.at(peer.most(place)));
                draw("<circle class=\"bar %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>%n",
                        colour(peer), x, axis.at(peer.median(place)));
            }
        }
        if (!path.isEmpty()) {
            draw("<path class=\"curve %s %s\" d=\"%s\"/>%n", colour(peer), dashes(peer), path);
        }
    }

    /** Values to heights; the lower bound is nothing, or of the same power of ten. */
    private record Axis(double least, double most, int top, int bottom) {
        private boolean isLogarithmic() {
            return least > 0 && most / least >= LOG_FROM;
        }

        private double power(double value) {
            return Math.log10(value);
        }

        double at(double value) {
            double floor = Math.floor(power(least));
            double part = isLogarithmic()
                    ? (power(value) - floor) / (power(most) - floor) : value / most;
            return bottom - part * (bottom - top);
        }

        List<Double> ticks() {
            List<Double> ticks = new ArrayList<>();
            if (isLogarithmic()) {
                for (double p = Math.floor(power(least)); p <= power(most); p++) {
                    ticks.add(Math.pow(10, p));
                }
                return ticks;
            }
            double unit = Math.pow(10, Math.floor(power(most)));
            double step = most / unit >= 5 ? unit : most / unit >= 2 ? unit / 2 : unit / 4;
            for (double tick = 0; tick <= most; tick += step) {
                ticks.add(tick);
            }
            return ticks;
        }
    }

    private String colour(Peer peer) {
        return "c" + names.indexOf(peer.name) % COLOURS;
    }

    private String dashes(Peer peer) {
        return "d" + names.indexOf(peer.name) % COLOURS;
    }

    private void range(double x, double y, double toX, double toY) {
        line("range", x, y, toX, toY);
    }

    private void line(String kind, double x, double y, double toX, double toY) {
        draw("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                kind, x, y, toX, toY);
    }

    private void text(String kind, int x, int y, String text) {
        draw("<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>%n", kind, x, y, escape(text));
    }

    private void draw(String what, Object... values) {
        out.append(format(what, values));
    }

    private static String format(String what, Object... values) {
        return String.format(Locale.ROOT, what, values);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
