/** The table, the page and the charts of what compare/run measured. */
package io.penstock.compare.page;
