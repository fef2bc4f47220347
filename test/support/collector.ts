import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import protobuf from 'protobufjs';

/** What of OTLP's messages is looked at, with the numbers of opentelemetry-proto. */
const messages = protobuf
  .parse(
    `
syntax = "proto3";
message Request { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message Scope { string name = 1; string version = 2; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; uint32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; Status status = 15;
}
message Status { string message = 2; uint32 code = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; ArrayValue array_value = 5; } }
message ArrayValue { repeated AnyValue values = 1; }
`,
  )
  .root.lookupType('Request');

/** A span as it was received, ids in hexadecimal digits. */
export interface Span {
  traceId: string;
  id: string;
  /** empty for the first one of a trace */
  parent: string;
  name: string;
  kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER' | undefined;
  attributes: Record<string, unknown>;
  failed: boolean;
  nanoseconds: bigint;
}

export interface Collector {
  url: string;
  /** every span that arrived */
  spans: Span[];
  /** headers of every export */
  exports: IncomingHttpHeaders[];
  /** attributes of the services that sent them */
  services: Array<Record<string, unknown>>;
  close(): Promise<void>;
}

const kinds = [undefined, 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;

// oxlint-disable-next-line typescript/no-explicit-any
type Message = any;

/** A real HTTP server that takes traces as a collector of OpenTelemetry does. */
export async function collector(): Promise<Collector> {
  const found: Pick<Collector, 'spans' | 'exports' | 'services'> = { spans: [], exports: [], services: [] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => void chunks.push(chunk))
      .on('end', () => {
        if (request.method !== 'POST' || request.url !== '/v1/traces') return void response.writeHead(404).end();
        found.exports.push(request.headers);
        const { resourceSpans = [] } = messages.decode(Buffer.concat(chunks)) as Message;
        for (const { resource, scopeSpans } of resourceSpans) {
          found.services.push(attributesOf(resource.attributes));
          for (const { spans } of scopeSpans) found.spans.push(...spans.map(spanOf));
        }
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      });
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  return {
    ...found,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((settle) => {
        server.closeAllConnections();
        server.close(() => settle());
      }),
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const spanOf = (span: Message): Span => ({
  traceId: hex(span.traceId),
  id: hex(span.spanId),
  parent: hex(span.parentSpanId),
  name: span.name,
  kind: kinds[span.kind],
  attributes: attributesOf(span.attributes),
  failed: span.status?.code === 2,
  nanoseconds: BigInt(String(span.endTimeUnixNano)) - BigInt(String(span.startTimeUnixNano)),
});

const attributesOf = (pairs: Message[]): Record<string, unknown> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, valueOf(value)]));

function valueOf(value: Message): unknown {
  if (value.value === 'arrayValue') return value.arrayValue.values.map(valueOf);
  const plain = value[value.value];
  return typeof plain === 'object' ? Number(String(plain)) : plain;
}
