/** A region read once, as tables of named metrics: what every back end exports. */
package io.penstock.metrics.scrape;
