import { join } from 'node:path';
import { limits, type TraceId } from '@spoor/model';
import type { TraceStore } from '@spoor/query';
import { encodeTracesProtobuf } from '@spoor/wire';
import { authorizeEveryone } from '../authorize.ts';
import { ByteBudget } from '../byte-budget.ts';
import type { OtlpIntake } from '../receivers/otlp-intake.ts';
import type { SpoorMetrics } from '../spoor-metrics.ts';
import { PageApi, type PageTraces } from './page-api.ts';
import type { ReceiverStatus, RefusalLog } from './receiver-status.ts';
import { StaticPage } from './static-page.ts';
import { testTrace } from './test-trace.ts';
import { UploadIntake, type UploadIntakeOptions } from './upload-intake.ts';

/** What the page is made of. */
export interface PageParts extends UploadIntakeOptions {
  readonly version: string;
  readonly basePath: string;
  readonly otlpGrpcPort: number;
  readonly otlpHttpPort: number;
  readonly traces: TraceStore & PageTraces;
  readonly metrics: SpoorMetrics;
  readonly refusals: RefusalLog;
  readonly onError: (path: string, error: unknown) => void;
}

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

function receiverStatus({ version, metrics, refusals, otlpGrpcPort, otlpHttpPort }: PageParts): ReceiverStatus {
  const { exportRequests, spansAccepted } = metrics;
  return {
    version,
    receivers: [
      { protocol: 'OTLP gRPC', port: otlpGrpcPort, requestCount: exportRequests.sumWhere('transport', 'grpc') },
      { protocol: 'OTLP HTTP', port: otlpHttpPort, requestCount: exportRequests.sumWhere('transport', 'http') },
    ],
    refusals: refusals.list(),
    spansAccepted: spansAccepted.sumWhere(),
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
