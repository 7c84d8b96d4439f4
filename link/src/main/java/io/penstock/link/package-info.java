/** Messages over any stream: frames that are checked, and found again after damage. */
package io.penstock.link;
