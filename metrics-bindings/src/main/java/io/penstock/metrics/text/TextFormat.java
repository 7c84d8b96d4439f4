package io.penstock.metrics.text;

/**
 * How metrics are written.
 *
 * <p><b>See</b>: Prometheus's "Exposition formats"; OpenMetrics 1.0.
 */
public enum TextFormat {
    /** Prometheus's text format. */
    PROMETHEUS("text/plain; version=0.0.4; charset=utf-8"),
    /** OpenMetrics: units have lines of their own, and the text says where it ends. */
    OPENMETRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

    private final String contentType;

    TextFormat(String contentType) {
        this.contentType = contentType;
    }

    /**
     * The format's media type in HTTP.
     *
     * @return the value of a {@code Content-Type} header
     */
    public String contentType() {
        return contentType;
    }
}
