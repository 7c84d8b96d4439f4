package io.penstock.metrics.jmx;

import io.penstock.metrics.scrape.Metric;
import io.penstock.metrics.scrape.Row;
import io.penstock.metrics.scrape.Table;
import java.util.Locale;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.ImmutableDescriptor;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;

/** A row as a bean of read-only attributes. */
final class RowBean implements DynamicMBean {
    private final JmxMetrics metrics;
    private final Row row;

    RowBean(JmxMetrics metrics, Row row) {
        this.metrics = metrics;
        this.row = row;
    }

    @Override
    public Object getAttribute(String attribute) throws AttributeNotFoundException {
        int field = row.table().type().indexOf(attribute);
        if (field < 0) {
            throw new AttributeNotFoundException(attribute);
        }
        return metrics.read(row, field);
    }

    @Override
    public AttributeList getAttributes(String[] attributes) {
        AttributeList list = new AttributeList();
        for (String attribute : attributes) {
            int field = row.table().type().indexOf(attribute);
            if (field >= 0) {
                list.add(new Attribute(attribute, metrics.read(row, field)));
            }
        }
        return list;
    }

    @Override
    public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
        throw new AttributeNotFoundException("read-only: " + attribute.getName());
    }

    @Override
    public AttributeList setAttributes(AttributeList attributes) {
        return new AttributeList();
    }

    @Override
    public Object invoke(String action, Object[] arguments, String[] signature) {
        throw new UnsupportedOperationException(action);
    }

    @Override
    public MBeanInfo getMBeanInfo() {
        Table table = row.table();
        MBeanAttributeInfo[] attributes = new MBeanAttributeInfo[table.fields()];
        for (int i = 0; i < attributes.length; i++) {
            Metric metric = table.metric(i);
            attributes[i] = new MBeanAttributeInfo(table.type().field(i), "long",
                    metric.description(), true, false, false,
                    new ImmutableDescriptor("units=" + table.type().unit(i),
                            "metricType=" + metric.kind().name().toLowerCase(Locale.ROOT)));
        }
        return new MBeanInfo(RowBean.class.getName(), table.type().name(), attributes,
                null, null, null);
    }
}
