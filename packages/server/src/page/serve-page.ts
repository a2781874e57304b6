import { join } from 'node:path';
import { limits, type TraceId } from '@spoor/model';
import type { TraceStore } from '@spoor/query';
import { encodeTracesProtobuf } from '@spoor/wire';
import { authorizeEveryone } from '../authorize.ts';
import { ByteBudget } from '../byte-budget.ts';
import type { Config } from '../config.ts';
import type { ClockNotices } from '../notices/clock-notices.ts';
import type { SilentServices } from '../notices/silent-services.ts';
import type { OpenPorts } from '../open-port.ts';
import type { OtlpIntake } from '../receivers/otlp-intake.ts';
import type { IntakeLedger } from '../receivers/intake-ledger.ts';
import type { ReceiverPorts } from '../receivers/open-receivers.ts';
import type { SpoorMetrics } from '../spoor-metrics.ts';
import { PageApi, type PageTraces } from './page-api.ts';
import { foreignPorts, type ReceiverPort, type ReceiverStatus, type RefusalLog } from './receiver-status.ts';
import { StaticPage } from './static-page.ts';
import { testTrace } from './test-trace.ts';
import { UploadIntake, type UploadIntakeOptions } from './upload-intake.ts';

/** What the page is made of. */
export interface PageParts extends UploadIntakeOptions {
  readonly version: string;
  readonly basePath: string;
  readonly ports: OpenPorts;
  readonly traces: TraceStore & PageTraces;
  readonly metrics: SpoorMetrics;
  readonly refusals: OtlpRefusals;
  readonly config: Pick<Config, 'receivers'>;
  /** those of Jaeger's and Zipkin's clients that are open */
  readonly receivers: ReceiverPorts;
  readonly ledger: IntakeLedger;
  readonly clockNotices: Pick<ClockNotices, 'list'>;
  readonly silentServices: Pick<SilentServices, 'list'>;
  readonly onError: (path: string, error: unknown) => void;
}

/** Why the OTLP receivers refused requests, by transport. */
export type OtlpRefusals = Readonly<Record<'grpc' | 'http', RefusalLog>>;

/** The page and what answers it. */
export interface ServedPage {
  readonly pageApi: PageApi;
  readonly page: StaticPage;
}

/** Where `scripts/build-page.ts` puts the bundle. */
const pageDirectory = join(import.meta.dirname, '../../../ui/dist');

export function servePage(parts: PageParts): ServedPage {
  const pageApi = new PageApi({
    traces: parts.traces,
    authorize: authorizeEveryone,
    onError: parts.onError,
    receivers: () => receiverStatus(parts),
    uploads: new UploadIntake(parts),
    uploadBytes: new ByteBudget(2 * limits.requestBytesMax),
    sendTestTrace: (tenant) => sendTestTrace(parts.intake, tenant),
  });
  return { pageApi, page: new StaticPage(pageDirectory, parts.basePath) };
}

function receiverStatus(parts: PageParts): ReceiverStatus {
  const { version, metrics, refusals, ports, config, receivers, ledger } = parts;
  const { exportRequests, spansAccepted } = metrics;
  const otlp = (transport: 'grpc' | 'http', title: string): ReceiverPort => ({
    name: `otlp-${transport}`,
    title,
    port: ports[`otlp-${transport}`],
    state: ports[`otlp-${transport}`] === undefined ? 'off' : 'listening',
    takesSpans: true,
    requestCount: exportRequests.sumWhere('transport', transport),
    spanCount: spansAccepted.sumWhere('transport', transport),
    lastAcceptedMilli: undefined,
    refusals: refusals[transport].list(),
  });
  return {
    version,
    receivers: [
      otlp('http', 'OTLP HTTP'),
      otlp('grpc', 'OTLP gRPC'),
      ...foreignPorts(config.receivers, receivers, ledger),
    ],
    spansAccepted: spansAccepted.sumWhere(),
    clockNotices: parts.clockNotices.list(),
    silentServices: parts.silentServices.list(),
  };
}

/** Through decoder, log and head like anybody's request. */
async function sendTestTrace(intake: OtlpIntake, tenant: string): Promise<TraceId> {
  const trace = testTrace(Date.now());
  const body = encodeTracesProtobuf([trace]);
  await intake.export({
    tenant,
    transport: 'http',
    signal: 'traces',
    encoding: 'protobuf',
    coding: 'identity',
    received: body,
    body,
  });
  return trace.traceId;
}
