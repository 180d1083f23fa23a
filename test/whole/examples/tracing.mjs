// Spans of OpenTelemetry for the connections of a program, whichever face they have, by the channels of node:diagnostics_channel:
// nothing in the program knows of them.
//
//   node tracing.mjs ws://127.0.0.1:1234

import { subscribe } from 'node:diagnostics_channel';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { AsyncTcpConnection } from 'wsimd';

const tracer = trace.getTracer('wsimd');
const spans = new WeakMap();

subscribe('wsimd:open', ({ connection, host, address, response }) => {
  const attributes = {
    'server.address': host,
    'network.peer.address': address,
    'http.response.status_code': response.status,
  };
  spans.set(connection, tracer.startSpan('websocket', { kind: SpanKind.CLIENT, attributes }));
});
subscribe('wsimd:pong', ({ connection, roundTrip }) => {
  if (roundTrip !== undefined) spans.get(connection)?.addEvent('pong', { 'websocket.round_trip': roundTrip });
});
subscribe('wsimd:error', ({ connection, host, phase, error }) => {
  // Of an attempt that has failed there is no span yet.
  const span = spans.get(connection) ?? tracer.startSpan('websocket', { attributes: { 'server.address': host } });
  span.recordException(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.code });
  span.setAttribute('websocket.phase', phase);
  spans.set(connection, span);
});
subscribe('wsimd:close', ({ connection, event }) => {
  const span = spans.get(connection);
  spans.delete(connection);
  span?.setAttributes({ 'websocket.close_code': event.code, 'websocket.clean': event.wasClean });
  span?.end();
});

const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));

const connection = new AsyncTcpConnection(process.argv[2]);
connection.websocketPingInterval = 0.05;
connection.onWebSocketPong = () => connection.close();
connection.onClose = () => {
  for (const { name, attributes, events, status } of exporter.getFinishedSpans()) {
    console.log(JSON.stringify({ name, attributes, events: events.map(({ name }) => name), status }));
  }
};
connection.connect();
