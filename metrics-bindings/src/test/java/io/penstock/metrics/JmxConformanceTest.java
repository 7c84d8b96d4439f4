package io.penstock.metrics;

import io.penstock.metrics.jmx.JmxMetrics;
import io.penstock.metrics.scrape.MetricsSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.management.Attribute;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

class JmxConformanceTest extends Conformance {
    @Override
    BackEnd backEnd() {
        return new Beans();
    }

    private static final class Beans implements BackEnd {
        private static final long AGE_NS = 0;

        private final MBeanServer server = MBeanServerFactory.newMBeanServer();
        private JmxMetrics metrics;

        @Override
        public void bind(MetricsSource source) {
            metrics = new JmxMetrics(source, server, JmxMetrics.DEFAULT_DOMAIN, AGE_NS);
        }

        @Override
        public Map<String, Double> scrape() {
            Map<String, Double> values = new HashMap<>();
            try {
                // The first bean that is read finds out what is new.
                for (ObjectName name : server.queryNames(
                        new ObjectName("io.penstock:type=scrape,*"), null)) {
                    server.getAttribute(name, "up");
                }
                for (ObjectName name : server.queryNames(new ObjectName("io.penstock:*"), null)) {
                    read(name, values);
                }
            } catch (JMException e) {
                throw new AssertionError(e);
            }
            return values;
        }

        private void read(ObjectName name, Map<String, Double> values) throws JMException {
            boolean isHandle = name.getKeyProperty("handle") != null;
            String type = unquoted(name.getKeyProperty("type"));
            List<String> labels = new ArrayList<>();
            name.getKeyPropertyList().forEach((key, value) -> {
                if (!key.equals("type")) {
                    labels.add(key);
                    labels.add(unquoted(value));
                }
            });
            try {
                // One attribute of a handle is enough, with so many handles.
                String[] fields = isHandle ? new String[] {"hits"} : Fields.of(type);
                for (Object attribute : server.getAttributes(name, fields)) {
                    Attribute a = (Attribute) attribute;
                    values.put(BackEnd.key(Fields.metric(type, a.getName(), isHandle),
                                    labels.toArray(String[]::new)),
                            Fields.scaled(type, a.getName(), (long) a.getValue()));
                }
            } catch (InstanceNotFoundException gone) {
                return; // closed since the names were asked for
            }
        }

        private static String unquoted(String value) {
            return value.startsWith("\"") ? ObjectName.unquote(value) : value;
        }

        @Override
        public void unbind() {
            metrics.close();
        }

        @Override
        public void close() {
            if (metrics != null) {
                metrics.close();
            }
        }
    }
}
