/**
 * Every limit of the program, with its reason and what happens past it. `docs/limits.md` lists them for users.
 * Names are unit first, qualifier last.
 */
export const limits = Object.freeze({
  /** OTLP 1.11 asks for a limit and recommends 64 MiB, before and after decompression. Past it: 413 / RESOURCE_EXHAUSTED. */
  requestBytesMax: 64 * 1024 * 1024,
  /**
   * Request bodies in flight of all connections together, received and decompressed: the largest that is allowed, twice, and
   * room for the usual. Past it: `STORE_BUSY`, the client comes back.
   */
  requestsBytesMax: 256 * 1024 * 1024,
  /** Attributes of one span, resource, scope, event or link. Past it: the rest is dropped and counted in its dropped count. */
  attributesPerSetMax: 4096,
  /** Bytes of one key. Past it: the request is refused, since a cut key would be another key. */
  attributeKeyBytesMax: 64 * 1024,
  /** Nesting of arrays and key-value lists in one value. Past it: the request is refused. */
  attributeDepthMax: 64,
  /** Nesting of unknown protobuf groups; nothing sends any. Past it: the request is refused. */
  groupDepthMax: 64,
  /** Nesting of Thrift values that nothing here reads. Past it: the request or packet is refused. */
  thriftDepthMax: 64,
  /**
   * Tags, log fields, logs, references and annotations of one Jaeger or Zipkin span, which are held as numbers until its
   * scope and service are known. Past it: the request or packet is refused.
   */
  foreignSpanEntriesMax: 256 * 1024,
  /** Bytes of a Zipkin annotation or tag that may hold JSON (an event with attributes). Past it: it is plain text. */
  zipkinJsonBytesMax: 64 * 1024,
  /** Nesting of JSON under an unknown key; the deepest value takes under 300. Past it: the request is refused. */
  jsonDepthMax: 1024,
  /**
   * Keys given twice within their JSON object, in one request. The last one wins, at the price of reading its object so
   * far again, so that a body full of them would take quadratic time. Past it: the request is refused.
   */
  jsonRepeatedKeysMax: 64,
  /** Spans in one answer of a trace. Past it: the answer says how many were left out. */
  spansPerTraceMax: 2_000_000,
  /**
   * Characters of a regular expression that is more than alternatives of plain texts: each character of a text may take
   * time in proportion to it. Past it: the query is refused.
   */
  regexLengthMax: 16 * 1024,
  /** Traces in one search answer, whatever is asked for. */
  searchTracesMax: 10_000,
  /**
   * Fields that are shown of each span of a search; each takes some 0.5 µs a span. Past it: what `select()` does not name is
   * not shown; more in `select()` is refused, `QUERY_LIMIT`.
   */
  shownFieldsMax: 256,
  /** Distinct names or values in one answer. Past it: cut, and the answer says so. */
  namesMax: 100_000,
  /**
   * Operations of one service in one answer about it; each takes 4 kB while it is counted. Names come from clients, and
   * some put ids into them. Past it: those seen later are left out, and the answer says so.
   */
  seriesOperationsMax: 1_000,
  /** Intervals of one metrics query, more than a chart has points. Past it: `QUERY_LIMIT`. */
  metricsIntervalsMax: 10_000,
  /**
   * Cells (series × intervals) that the functions of a metrics query count in, 8 or 16 bytes each; `by` of an id would need
   * one a span. Several functions have equal shares, and quantiles are at most as many numbers. `compare()` counts each
   * attribute in as many, all of them in four times as many. Past it: spans whose series would be new are left out, and the
   * answer says so.
   */
  metricsCellsMax: 4 * 1024 * 1024,
  /**
   * Distinct values of one attribute that `compare()` counts; ids have more and tell nothing. Past it: a series says
   * `__too_many_values__` in place of the attribute's.
   */
  compareValuesMax: 50_000,
  /**
   * Traces with parts in several segments and heads in which a metrics query looks for spans that were sent twice; each takes
   * some 10 µs. Past it: those of a trace that lie in two parts count twice, and the answer warns.
   */
  splitTracesComparedMax: 10_000,
  /** Exemplars of one metrics answer, whatever is asked for. */
  exemplarsMax: 100,
  /** A configuration file, before and after variables are put into it. Past it: the program does not start. */
  configFileBytesMax: 1024 * 1024,
  /**
   * Numbers that one question about metrics sums up at once, 8 bytes each: series × steps × (16 for a histogram, else 1).
   * Past it: series that were seen later are left out, and the answer says so.
   */
  spanMetricsNumbersMax: 8 * 1024 * 1024,
  /** Series in one answer about metrics of spans. Past it: those seen later are left out, and the answer says so. */
  spanMetricsSeriesMax: 10_000,
  /**
   * Series of spans, and as many of calls between services, that `/metrics` counts. Span names come from clients, and some put
   * ids into them. Past it: the rest is counted in one series, with `metric_overflow="true"` in place of its labels.
   */
  spanCountersSeriesMax: 2_000,
  /** A sampling strategies file; a mistyped path to something else must not fill the memory. Past it: the file is refused. */
  strategyFileBytesMax: 16 * 1024 * 1024,
  /**
   * Operations that adaptive sampling follows. Names come from clients, and some put ids into them. Past it: those that were
   * silent for longest are forgotten, and begin anew when they return.
   */
  samplingOperationsMax: 10_000,
  /** Services known to ask for their sampling strategy. Past it: the one that asked longest ago is taken not to. */
  samplingServicesMax: 5_000,
  /** Milliseconds from its arrival to the start of a span. Past it: the span is stored as ever, and its sender's clock noticed. */
  clockAheadMilliMax: 5 * 60 * 1000,
  /** Milliseconds from the start of a span to its arrival: what looks at the last day does not find it. Past it: the same. */
  clockBehindMilliMax: 24 * 60 * 60 * 1000,
  /** Services, and directions, whose clock is noticed. Past it: the notice that was not renewed for longest goes. */
  clockNoticesMax: 100,
  /** Traces in one answer of Tempo's search, as Tempo has it. Past it: the search is refused; a cursor goes on. */
  tempoSearchTracesMax: 262_144,
  /** Spans listed for each span set of a search, as Tempo has it. Past it: the search is refused. */
  tempoSpansPerSetMax: 100,
  /**
   * Milliseconds of one search or metrics query by Tempo's API: Grafana gives up after 30 s. Past it: what was found so far
   * is answered, and the answer says why it is not whole.
   */
  tempoQueryMilliMax: 25_000,
  /**
   * Milliseconds of one search or metrics query of the page, where a person sees how far it is and can stop it. Past it:
   * what was found so far is the answer, which says why it is not whole.
   */
  pageQueryMilliMax: 120_000,
  /**
   * Bytes of a request's line and headers on Tempo's port: a query of 128 KiB, as long as Tempo takes, percent-encoded.
   * Past it: 431.
   */
  tempoHeaderBytesMax: 512 * 1024,
  /** Bytes of one message of a streamed answer; Grafana takes 4 MiB. Past it: the rest is in the next message. */
  grpcPacketBytesMax: 1024 * 1024,
});
