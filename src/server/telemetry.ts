import type { Config } from '../config.js';
import { log } from '../core/log.js';
import { traceWith } from '../core/tracing.js';
import { version } from '../version.js';

type Tracing = Pick<
  Config,
  | 'OTEL_EXPORTER_OTLP_ENDPOINT'
  | 'OTEL_EXPORTER_OTLP_HEADERS'
  | 'OTEL_SERVICE_NAME'
  | 'OTEL_TRACES_SAMPLER'
  | 'OTEL_TRACES_SAMPLER_ARG'
>;

/**
 * Sends traces to the collector of the configuration, if it names one. The libraries for it are loaded only then. Returns
 * what sends the last spans, within so many milliseconds.
 */
export async function startTelemetry(config: Tracing): Promise<(timeoutMs: number) => Promise<void>> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = config;
  if (endpoint === undefined) return async () => {};
  const [api, sdk, { OTLPTraceExporter }, { AsyncLocalStorageContextManager }, { resourceFromAttributes }, core] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-proto'),
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/core'),
    ]);
  const { OTEL_TRACES_SAMPLER: name = 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: ratio } = config;
  const isRatio = name.endsWith('traceidratio');
  const share = name.endsWith('always_off') ? 0 : isRatio ? ratio : 1;
  // what begins here was chosen before its first span is made; what others have begun is chosen as they did, or by its trace
  const begun = new sdk.AlwaysOnSampler();
  const named = isRatio ? new sdk.TraceIdRatioBasedSampler(ratio) : share === 0 ? new sdk.AlwaysOffSampler() : begun;
  const others = name.startsWith('parentbased') ? {} : { remoteParentSampled: named, remoteParentNotSampled: named };
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    ...(config.OTEL_EXPORTER_OTLP_HEADERS && { headers: config.OTEL_EXPORTER_OTLP_HEADERS }),
  });
  const provider = new sdk.TracerProvider({
    sampler: new sdk.ParentBasedSampler({ root: begun, ...others }),
    resource: resourceFromAttributes({ 'service.name': config.OTEL_SERVICE_NAME!, 'service.version': version }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  const failed = (message: string): void =>
    log.warn({ event: 'telemetry.failed', error: message }, 'traces could not be sent');
  const quiet = (): void => {};
  api.diag.setLogger({ error: failed, warn: failed, info: quiet, debug: quiet, verbose: quiet }, api.DiagLogLevel.WARN);
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  api.trace.setGlobalTracerProvider(provider);
  traceWith('crm-graph', version, share);
  return async (timeoutMs) => {
    await Promise.race([
      provider.shutdown().catch((error: unknown) => failed(String(error))),
      new Promise<void>((resolve) => void setTimeout(resolve, timeoutMs).unref()),
    ]);
  };
}
